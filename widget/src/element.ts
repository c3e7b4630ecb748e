/** The element <bb-chat>: the launcher, and where the panel goes. */

import css from "./launcher.css";
import type { Chat, Host, PanelModule } from "./host.ts";
import { CHAT } from "./icons.ts";
import { spoken } from "./languages.ts";
import { adopt } from "./sheet.ts";
import { wasOpen } from "./store.ts";
import type { Language } from "./types.ts";

/** Path of the panel's chunk, and the launcher's texts; the build fills both in. */
declare const PANEL: string;
declare const LABELS: Record<Language, { launcher: string; unread: string; unavailable: string }>;

const SVG = "http://www.w3.org/2000/svg";
let address = "";
let server = "";

/** Say where this script came from, and which server answers if it is another one. */
export function configure(src: string, other: string | undefined): void {
  address = src;
  server = other ? new URL(other, location.href).href.replace(/\/$/, "") : new URL(src).origin;
}

export class BbChat extends HTMLElement {
  static observedAttributes = ["lang"];
  #button = document.createElement("button");
  #label = document.createElement("span");
  #badge = document.createElement("b");
  #notice = document.createElement("p");
  #tag = "";
  #unread = 0;
  #chat: Promise<Chat> | undefined;
  #ready: Chat | undefined;
  #page = new MutationObserver(() => this.#follow(document.documentElement.lang));

  connectedCallback(): void {
    if (!this.shadowRoot) this.#draw(this.attachShadow({ mode: "open" }));
    this.#follow(this.lang || document.documentElement.lang);
    this.#page.observe(document.documentElement, { attributeFilter: ["lang"] });
    // On a phone the panel covers the page: there it waits to be opened again.
    if (wasOpen() && matchMedia("(min-width: 481px)").matches) void this.open(false);
  }

  disconnectedCallback(): void {
    this.#page.disconnect();
    this.#ready?.close();
  }

  attributeChangedCallback(_name: string, _old: string, tag: string): void {
    if (tag && this.shadowRoot) this.#follow(tag);
  }

  /** Open the chat; the promise is kept when it can be used, or when the visitor has been told that it cannot. */
  async open(focus = true): Promise<void> {
    if (this.#button.getAttribute("aria-busy")) return;
    this.#notice.hidden = true;
    this.#button.setAttribute("aria-busy", "true");
    try {
      this.#chat ??= this.#load();
      this.#ready = await this.#chat;
      this.#button.hidden = true;
      this.#show(0);
      this.#ready.open(focus);
    } catch {
      this.#chat = undefined;
      this.#notice.hidden = !focus;
      this.#translate();
    } finally {
      this.#button.removeAttribute("aria-busy");
    }
  }

  /** Close the chat. */
  close(): void {
    this.#ready?.close();
    this.#button.hidden = false;
    this.#button.focus();
  }

  async #load(): Promise<Chat> {
    const load = (path: string): Promise<PanelModule> => import(new URL(path, address).href);
    const panel = await load(PANEL).catch(async () => {
      // This script was kept by the browser while the server got a new version: the new one names the new chunk.
      const text = await (await fetch(address, { cache: "reload" })).text();
      return load(/chat\/panel-\w+\.js/.exec(text)![0]);
    });
    const host: Host = {
      root: this.shadowRoot!,
      server,
      language: () => spoken(this.#tag),
      close: () => this.close(),
      unread: (number) => this.#show(number),
    };
    return panel.create(host);
  }

  #draw(root: ShadowRoot): void {
    adopt(root, css);
    const icon = document.createElementNS(SVG, "svg");
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", CHAT);
    icon.setAttribute("viewBox", "0 0 24 24");
    icon.setAttribute("aria-hidden", "true");
    icon.append(path);
    this.#button.type = "button";
    this.#button.className = "launcher";
    this.#button.setAttribute("aria-haspopup", "dialog");
    this.#button.append(icon, this.#label, this.#badge);
    this.#button.addEventListener("click", () => void this.open());
    this.#notice.className = "notice";
    this.#notice.hidden = true;
    const alert = document.createElement("div");
    alert.setAttribute("role", "alert");
    alert.append(this.#notice);
    root.append(this.#button, alert);
    this.#show(0);
  }

  #follow(tag: string): void {
    this.#tag = tag;
    this.#translate();
    this.#ready?.follow();
  }

  #translate(): void {
    const language = spoken(this.#tag);
    const { launcher, unread, unavailable } = LABELS[language];
    this.#button.lang = this.#notice.lang = language;
    this.#label.textContent = launcher;
    this.#notice.textContent = this.#notice.hidden ? "" : unavailable;
    this.#button.setAttribute("aria-label", this.#unread ? `${launcher}, ${unread} ${this.#unread}` : launcher);
  }

  #show(unread: number): void {
    this.#unread = unread;
    this.#badge.hidden = !unread;
    this.#badge.textContent = unread > 9 ? "9+" : `${unread}`;
    this.#translate();
  }
}
