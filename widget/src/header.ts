/** The panel's head: title, languages, and what can be done with the conversation. */

import { html, nothing, type TemplateResult } from "lit/html.js";

import { CLOSE, MORE } from "./icons.ts";
import { LANGUAGES } from "./languages.ts";
import type { Texts } from "./texts.ts";
import type { Language } from "./types.ts";
import { button } from "./view.ts";

export type Command = "restart" | "copy" | "download" | "delete";
const COMMANDS: readonly Command[] = ["restart", "copy", "download", "delete"];

export interface HeaderActions {
  choose(language: Language): void;
  toggle(): void;
  run(command: Command): void;
  close(): void;
}

export function header(texts: Texts, menu: boolean, actions: HeaderActions): TemplateResult {
  return html`<header>
    <h2 id="title" tabindex="-1">${texts.title}</h2>
    ${button(texts.menu, MORE, "more", actions.toggle, undefined, menu)} ${button(texts.close, CLOSE, "", actions.close)}
    <div class="languages" role="group" aria-label=${texts.language}>
      ${LANGUAGES.map((tag) => html`<button lang=${tag} aria-pressed=${tag === texts.lang}
        @click=${() => actions.choose(tag)}>${nameOf(tag)}</button>`)}
    </div>
    <div id="menu" ?hidden=${!menu}>
      ${menu ? COMMANDS.map((name) => html`<button @click=${() => actions.run(name)}>${texts[name]}</button>`) : nothing}
    </div>
  </header>`;
}

/** Return a language's name in itself. */
function nameOf(tag: Language): string {
  return new Intl.DisplayNames(tag, { type: "language" }).of(tag) ?? tag;
}
