/** Where the visitor writes. */

import { html, nothing, type TemplateResult } from "lit/html.js";

import { SEND } from "./icons.ts";
import type { Texts } from "./texts.ts";
import { button } from "./view.ts";

export const LONGEST = 1000;
/** From here on it is shown how many characters are left. */
const NEAR = 900;

interface Listener {
  send(text: string): void;
  changed(): void;
  /** Say why nothing is sent. */
  say(text: string): void;
}

/** Characters as the server counts them: a letter outside the basic plane is one. */
export function length(text: string): number {
  return [...text.trim()].length;
}

/** Whether a key sends: Enter does, unless it breaks the line or confirms what an input method composes. */
export function sends(event: Pick<KeyboardEvent, "key" | "shiftKey" | "isComposing" | "keyCode">): boolean {
  // Safari ends the composition before it reports the key; there only the key code 229 tells.
  if (event.isComposing || event.keyCode === 229) return false;
  return event.key === "Enter" && !event.shiftKey;
}

export class Composer {
  readonly #listener: Listener;
  #left = LONGEST;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  view(texts: Texts): TemplateResult {
    const over = this.#left < 0;
    return html`<form @submit=${(event: SubmitEvent) => this.#submit(event, texts)}>
      <textarea rows="1" aria-label=${texts.input} placeholder=${texts.input} enterkeyhint="send" autocomplete="off"
        aria-describedby="count" aria-invalid=${over} @input=${this.#measure} @keydown=${this.#press}></textarea>
      ${button(texts.send, SEND, "send")}
      <p id="count" class=${over ? "over" : ""}>${this.#left <= LONGEST - NEAR ? this.#count(texts) : nothing}</p>
    </form>`;
  }

  #count(texts: Texts): string {
    return `${this.#left < 0 ? texts.characters_over : texts.characters_left} ${Math.abs(this.#left)}`;
  }

  readonly #measure = (event: Event): void => {
    const area = event.target as HTMLTextAreaElement;
    this.#left = LONGEST - length(area.value);
    fit(area);
    this.#listener.changed();
  };

  readonly #press = (event: KeyboardEvent): void => {
    if (!sends(event)) return;
    event.preventDefault();
    (event.target as HTMLTextAreaElement).form!.requestSubmit();
  };

  #submit(event: SubmitEvent, texts: Texts): void {
    event.preventDefault();
    const area = (event.target as HTMLFormElement).querySelector("textarea")!;
    area.focus();
    const text = area.value.trim();
    if (this.#left < 0) this.#listener.say(this.#count(texts));
    if (!text || this.#left < 0) return;
    area.value = "";
    this.#left = LONGEST;
    fit(area);
    this.#listener.send(text);
  }
}

/** Let the field be as high as its text; the style sheet says how high at most. */
function fit(area: HTMLTextAreaElement): void {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`;
}
