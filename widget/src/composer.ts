/** Where the visitor writes. */

import { html, nothing, type TemplateResult } from "lit/html.js";

import { SEND } from "./icons.ts";
import type { Texts } from "./texts.ts";
import { icon } from "./view.ts";

export const LONGEST = 1000;
/** From here on it is shown how many characters are left. */
const NEAR = 900;

interface Listener {
  send(text: string): void;
  changed(): void;
  /** Tell a screen reader, which cannot see the counter. */
  say(text: string): void;
}

/** Characters as the server counts them: a letter outside the basic plane is one. */
export function length(text: string): number {
  return [...text.trim()].length;
}

/** Whether a key sends: Enter does, unless it breaks the line or confirms what an input method composes. */
export function sends(event: Pick<KeyboardEvent, "key" | "shiftKey" | "isComposing" | "keyCode">): boolean {
  // Safari ends the composition before it reports the key; there only the key code 229 tells.
  return event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229;
}

export class Composer {
  readonly #listener: Listener;
  #left = LONGEST;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  view(texts: Texts): TemplateResult {
    const over = this.#left < 0;
    return html`<form class="composer" @submit=${this.#submit}>
      <textarea rows="1" aria-label=${texts.input} placeholder=${texts.input} enterkeyhint="send" autocomplete="off"
        aria-describedby="count" aria-invalid=${over} @input=${(event: Event) => this.#measure(event, texts)} @keydown=${this.#press}></textarea>
      <button class="icon send" aria-label=${texts.send} title=${texts.send}>${icon(SEND)}</button>
      <p id="count" class=${over ? "over" : ""}>${this.#left <= LONGEST - NEAR ? this.#count(texts) : nothing}</p>
    </form>`;
  }

  #count(texts: Texts): string {
    return `${this.#left < 0 ? texts.characters_over : texts.characters_left} ${Math.abs(this.#left)}`;
  }

  #measure(event: Event, texts: Texts): void {
    const area = event.target as HTMLTextAreaElement;
    const before = this.#left;
    this.#left = LONGEST - length(area.value);
    fit(area);
    const crossed = (limit: number): boolean => before > limit !== this.#left > limit;
    if (crossed(-1)) this.#listener.say(this.#left < 0 ? this.#count(texts) : "");
    else if (crossed(LONGEST - NEAR) && this.#left <= LONGEST - NEAR) this.#listener.say(this.#count(texts));
    this.#listener.changed();
  }

  readonly #press = (event: KeyboardEvent): void => {
    if (!sends(event)) return;
    event.preventDefault();
    (event.target as HTMLTextAreaElement).form!.requestSubmit();
  };

  readonly #submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const area = (event.target as HTMLFormElement).querySelector("textarea")!;
    area.focus();
    const text = area.value.trim();
    if (!text || this.#left < 0) return;
    area.value = "";
    this.#left = LONGEST;
    fit(area);
    this.#listener.send(text);
  };
}

/** Let the field be as high as its text; the style sheet says how high at most. */
function fit(area: HTMLTextAreaElement): void {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`;
}
