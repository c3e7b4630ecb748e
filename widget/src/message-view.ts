/** Shows a line of the conversation. */

import { html, nothing, type TemplateResult } from "lit/html.js";

import { card } from "./card.ts";
import type { Entry } from "./conversation.ts";
import { THUMB } from "./icons.ts";
import { markdown } from "./markdown-view.ts";
import type { Texts } from "./texts.ts";
import type { Button, Message, Opinion, Source } from "./types.ts";
import { button } from "./view.ts";

export interface Actions {
  reply(button: Button): void;
  rate(entry: Entry, opinion: Opinion): void;
}

/** `last`: whether nothing was said after it, so that its suggestions still stand. */
export function messageView(entry: Entry, last: boolean, texts: Texts, actions: Actions): TemplateResult {
  const { message } = entry;
  if (!message) return html`<li class="note" lang=${texts.lang}>${texts.ended}</li>`;
  const mine = message.role === "user";
  return html`<li class=${mine ? "mine" : "bot"} lang=${message.language} data-message=${message.id}>
    <span class="sr" lang=${texts.lang}>${mine ? texts.you : texts.bot}:</span>
    ${mine ? own(entry, texts) : answer(entry, last, texts, actions)}
  </li>`;
}

function own({ message, letter }: Entry, texts: Texts): TemplateResult {
  const state = letter?.state === "failed" ? texts.failed : letter?.state === "waiting" ? texts.waiting : "";
  return html`<p class="bubble">${message!.text}</p>
    ${state ? html`<small lang=${texts.lang}>${state}</small>` : nothing}`;
}

function answer(entry: Entry, last: boolean, texts: Texts, actions: Actions): TemplateResult {
  const message = entry.message!;
  return html`<div class="bubble">${body(message, texts)}</div>
    ${message.sources?.length ? sources(message.sources, texts) : nothing}
    ${message.id ? feedback(entry, texts, actions) : nothing}
    ${last && message.buttons?.length
      ? chips(message.buttons.map(({ title }) => title), texts.replies_label, (index) => actions.reply(message.buttons![index]!))
      : nothing}`;
}

function body(message: Message, texts: Texts): unknown {
  const { cards, lead, tail } = message;
  if (!cards?.length || lead === undefined || tail === undefined) return markdown(message.text);
  return [markdown(lead), ...cards.map((event, index) => card(event, `card-${message.id}-${index}`, texts)), markdown(tail)];
}

function sources(found: Source[], texts: Texts): TemplateResult {
  return html`<details>
    <summary lang=${texts.lang}>${texts.sources}</summary>
    ${found.map(({ title, quote }) => html`<p>${title}</p>${quote ? html`<blockquote>${quote}</blockquote>` : nothing}`)}
  </details>`;
}

function feedback(entry: Entry, texts: Texts, actions: Actions): TemplateResult {
  const thumb = (value: "up" | "down", label: string): TemplateResult => {
    const pressed = entry.opinion === value;
    return button(label, THUMB, value, () => actions.rate(entry, pressed ? null : value), pressed);
  };
  return html`<div class="feedback" lang=${texts.lang}>${thumb("up", texts.helpful)}${thumb("down", texts.not_helpful)}</div>`;
}

/** Short texts to tap instead of writing them. */
export function chips(titles: string[], label: string, choose: (index: number) => void): TemplateResult {
  return html`<div class="chips" role="group" aria-label=${label}>
    ${titles.map((title, index) => html`<button class="chip" @click=${() => choose(index)}>${title}</button>`)}
  </div>`;
}
