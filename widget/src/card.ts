/** Shows an event. */

import { html, nothing, type TemplateResult } from "lit/html.js";

import { safeUrl } from "./links.ts";
import type { Texts } from "./texts.ts";
import type { Card } from "./types.ts";
import { link } from "./view.ts";

export function card(event: Card, key: string, texts: Texts): TemplateResult {
  const url = safeUrl(event.url);
  const calendar = safeUrl(event.calendar);
  const place = event.place || event.city || "";
  return html`<article class="card ${event.status}" aria-labelledby=${key}>
    ${event.label ? html`<p class="label">${event.label}</p>` : nothing}
    <h3 id=${key} lang=${event.language}>${event.title}</h3>
    <p class="when">${event.when}</p>
    ${place ? html`<p>${place}</p>` : nothing}
    ${event.free_label ? html`<p>${event.free_label}</p>` : nothing}
    ${url || calendar
      ? html`<p class="actions" lang=${texts.lang}>
          ${url ? link(url, texts.card_link) : nothing} ${calendar ? link(calendar, texts.card_calendar) : nothing}
        </p>`
      : nothing}
  </article>`;
}
