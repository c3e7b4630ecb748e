// The local try-out page: posts to the REST channel of this machine. The embeddable widget is another thing.
"use strict";
const texts = JSON.parse(document.getElementById("texts").textContent);
const log = document.getElementById("log");
const field = document.getElementById("text");
const sender = crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2);
let language = "de";

function choose(next) {
  language = next;
  document.documentElement.lang = next;
  document.querySelector("h1").textContent = texts[next].title;
  for (const id of ["welcome", "label", "send"]) document.getElementById(id).textContent = texts[next][id];
  for (const button of document.querySelectorAll("#languages button")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === next));
  }
}

// **bold** only, by building nodes: nothing a bot says becomes markup.
function show(text, mine, offers) {
  const box = document.createElement("div");
  box.className = mine ? "mine" : "";
  text.split("**").forEach((part, index) => {
    const node = index % 2 ? document.createElement("strong") : document.createTextNode(part);
    if (index % 2) node.textContent = part;
    box.append(node);
  });
  if (offers && offers.length) {
    const row = document.createElement("div");
    row.className = "offers";
    for (const offer of offers) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = offer.title;
      button.addEventListener("click", () => send(offer.payload));
      row.append(button);
    }
    box.append(row);
  }
  log.append(box);
  box.scrollIntoView({ block: "nearest" });
}

async function send(text) {
  show(text, true);
  try {
    const answer = await fetch("/webhooks/rest/webhook", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ sender, message: text, metadata: { language } }),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    for (const message of await answer.json()) show(message.text, false, message.buttons);
  } catch {
    show(texts[language].failed, false);
  }
}

document.getElementById("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (!text) return;
  field.value = "";
  send(text);
});
for (const button of document.querySelectorAll("#languages button")) {
  button.addEventListener("click", () => choose(button.dataset.language));
}
const wanted = (navigator.language || "de").slice(0, 2);
choose(wanted in texts ? wanted : "en");
