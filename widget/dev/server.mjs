/**
 * A mock of the web channel for trying the chat out, without dependencies: npm run dev, then open the printed address.
 *
 * Words in a message bring about what is rare: cards, hostile, list, long (dev/answers.mjs); slow (answers after 4 s),
 * limited (429 once), refused (422), broken (500 once), lost (the answer to the request gets lost), forget (the session is
 * unknown from now on), expire (the token has expired), unasked (a second message after 3 s). DELETE /dev/forget and
 * POST /dev/down?seconds=5 do so from outside. PORT sets the port.
 */

import { createServer } from "node:http";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, dirname, extname, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

import { answer } from "./answers.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, "..", "..");
const KINDS = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".txt": "text/plain" };
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; require-trusted-types-for 'script'; trusted-types lit-html";
const STARTERS = {
  de: ["Was ist die Städtepartnerschaft?", "Was ist das Business Desk?", "Wo liegt der Chinesische Garten?", "Welche Veranstaltungen gibt es demnächst?"],
  en: ["What is the city partnership?", "What is the Business Desk?", "Where is the Chinese Garden?", "Which events are coming up?"],
  zh: ["什么是友好城市关系？", "柏林商务联络处是什么？", "得月园在哪里？", "近期有什么活动？"],
};
const TOO_MANY = { de: "Das waren viele Nachrichten in kurzer Zeit. Bitte warten Sie einen Augenblick.", en: "That was a lot of messages in a short time. Please wait a moment.", zh: "您在短时间内发送了太多消息，请稍等片刻。" };
const UNCLEAR = { de: "Darauf kann ich leider nicht antworten.", en: "I am afraid I cannot answer that.", zh: "抱歉，这个我无法回答。" };

const sessions = new Map();
const once = new Set();
let number = 0;
let down = 0;

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function reply(response, status, body, headers = {}) {
  response.writeHead(status, { "Content-Type": "application/json; charset=utf-8", ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

function say(session, message) {
  const said = { id: ++number, time: new Date().toISOString(), buttons: [], cards: [], sources: [], in_reply_to: null, ...message };
  session.messages.push(said);
  session.tell(`id: ${said.id}\nevent: message\ndata: ${JSON.stringify(said)}\n\n`);
  return said;
}

function begin() {
  const streams = new Set();
  const session = { token: randomUUID(), expired: false, messages: [], pending: new Set(), keys: new Map(), streams };
  session.tell = (text) => streams.forEach((stream) => stream.write(text));
  sessions.set(session.token, session);
  return session;
}

async function turn(session, id, text, language) {
  session.pending.add(id);
  session.tell(`event: typing\ndata: {"in_reply_to":${id}}\n\n`);
  await sleep(text.includes("slow") ? 4000 : 60);
  say(session, { role: "bot", language, in_reply_to: id, ...answer(text, language) });
  session.pending.delete(id);
  session.tell(`event: done\ndata: {"in_reply_to":${id}}\n\n`);
  if (text.includes("unasked")) {
    await sleep(3000);
    say(session, { role: "bot", language, text: answer("", language).text });
  }
}

/** Say no once to each key, if the message asks for it; returns whether it did. */
function refuse(response, key, text) {
  if (text.includes("refused")) return reply(response, 422, { error: "unclear", text: UNCLEAR }), true;
  const first = !once.has(key);
  once.add(key);
  if (first && text.includes("limited")) return reply(response, 429, { error: "rate", text: TOO_MANY }, { "Retry-After": "3" }), true;
  if (first && text.includes("broken")) return reply(response, 500, { error: "server" }), true;
  return false;
}

const ROUTES = {
  "POST /session": ({ session, response }) => {
    const renewed = session ?? begin();
    renewed.expired = false;
    reply(response, session ? 200 : 201, { token: renewed.token, expires_in: 3600, renew_after: 1800 });
  },
  "DELETE /session": ({ session, response }) => {
    sessions.delete(session.token);
    session.streams.forEach((stream) => stream.end());
    reply(response, 204);
  },
  "POST /messages": ({ session, request, response, body }) => {
    const key = request.headers["idempotency-key"];
    const text = body.payload ?? body.text;
    if (refuse(response, key, text)) return;
    const known = session.keys.get(key);
    const id = known ?? say(session, { role: "user", language: body.language, text }).id;
    session.keys.set(key, id);
    if (known === undefined) void turn(session, id, text, body.language);
    if (text.includes("forget")) sessions.delete(session.token);
    if (text.includes("expire")) session.expired = true;
    if (text.includes("lost") && known === undefined) return response.destroy();
    reply(response, known === undefined ? 202 : 200, { id, duplicate: known !== undefined });
  },
  "GET /events": ({ session, request, response }) => {
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    const last = Number(request.headers["last-event-id"] ?? 0);
    response.write(": \n\n");
    for (const message of session.messages) if (message.id > last) response.write(`id: ${message.id}\nevent: message\ndata: ${JSON.stringify(message)}\n\n`);
    session.streams.add(response);
    const heart = setInterval(() => response.write(": \n\n"), 15_000);
    const bye = setTimeout(() => response.end("event: bye\ndata: {}\n\n"), 50_000);
    response.on("close", () => (clearInterval(heart), clearTimeout(bye), session.streams.delete(response)));
  },
  "GET /history": ({ session, response }) => reply(response, 200, { messages: session.messages, pending: [...session.pending] }),
  "POST /feedback": ({ session, response, body }) => {
    const found = session.messages.some(({ id, role }) => id === body.message && role === "bot");
    reply(response, found ? 204 : 404, found ? undefined : { error: "message" });
  },
  "POST /restart": ({ session, response }) => {
    session.messages = [];
    reply(response, 200, { after: number });
  },
};

async function texts(language, response) {
  const phrases = parse(await readFile(join(ROOT, "nlu_data", "phrases", "widget.yml"), "utf8"));
  const own = Object.entries(phrases).map(([name, phrase]) => [name.replace("widget_", ""), phrase[language]]);
  reply(response, 200, { ...Object.fromEntries(own), starters: STARTERS[language], privacy_url: "https://example.org/privacy" });
}

async function api(path, request, response) {
  if (down > Date.now()) return request.socket.destroy();
  if (path.startsWith("/texts/")) return texts(path.slice(7), response);
  const route = ROUTES[`${request.method} ${path}`];
  if (!route) return reply(response, 404, { error: "route" });
  const token = request.headers.authorization?.replace("Bearer ", "");
  const session = sessions.get(token);
  if (token ? !session : path !== "/session") return reply(response, 401, { error: "session" });
  if (session?.expired && path !== "/session") return reply(response, 401, { error: "expired" });
  let text = "";
  for await (const piece of request) text += piece;
  return route({ session, request, response, body: text ? JSON.parse(text) : {} });
}

async function file(path, response) {
  const own = path === "/" || path.startsWith("/dev/");
  const name = own ? join(HERE, path === "/" ? "page.html" : normalize(path.slice(5))) : join(ROOT, "bot", "web", normalize(path));
  try {
    const data = await readFile(name);
    response.writeHead(200, { "Content-Type": `${KINDS[extname(name)]}; charset=utf-8`, "Content-Security-Policy": POLICY, "Cache-Control": "no-cache" });
    response.end(data);
  } catch {
    reply(response, 404, { error: "file" });
  }
}

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://localhost");
  if (pathname === "/dev/down") {
    down = Date.now() + 1000 * Number(searchParams.get("seconds"));
    sessions.forEach(({ streams }) => streams.forEach((stream) => stream.destroy()));
    return reply(response, 204);
  }
  if (pathname === "/dev/forget") return sessions.clear(), reply(response, 204);
  const prefix = "/webhooks/web";
  return void (pathname.startsWith(prefix) ? api(pathname.slice(prefix.length), request, response) : file(pathname, response));
});
server.listen(Number(process.env.PORT ?? 5055), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
