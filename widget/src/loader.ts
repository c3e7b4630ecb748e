/**
 * chat.js, the one file that a page embeds. It draws the launcher and loads the rest when the chat is opened; before that
 * it makes no request and sets nothing in the browser.
 */

import { BbChat, configure } from "./element.ts";

const script =
  (document.currentScript as HTMLScriptElement | null) ??
  document.querySelector<HTMLScriptElement>('script[src*="/chat.js"]');

/** A page need not say where the chat goes. */
function insert(): void {
  if (document.querySelector("bb-chat")) return;
  const chat = document.createElement("bb-chat");
  const { lang, theme } = script?.dataset ?? {};
  if (lang) chat.lang = lang;
  if (theme) chat.dataset.theme = theme;
  document.body.append(chat);
}

// A page that loads this twice, or two versions of it, has one chat: the first.
if (!customElements.get("bb-chat")) {
  configure(script?.src ?? location.href, script?.dataset.server);
  customElements.define("bb-chat", BbChat);
}
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", insert);
else insert();
