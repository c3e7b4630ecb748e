/** Shows an event. */

import { html, nothing, type TemplateResult } from "lit/html.js";

import { plain, safeUrl } from "./links.ts";
import type { Texts } from "./texts.ts";
import type { Card } from "./types.ts";

export function card(event: Card, key: string, texts: Texts): TemplateResult {
  const { url, calendar } = { url: safeUrl(event.url), calendar: safeUrl(event.calendar) };
  const place = plain(event.place || event.city || "");
  return html`<article class="card ${event.status === "scheduled" ? "" : "off"}" aria-labelledby=${key}>
    ${event.label ? html`<p class="label">${plain(event.label)}</p>` : nothing}
    <h3 id=${key} lang=${event.language}>${plain(event.title)}</h3>
    <p class="when">${plain(event.when)}</p>
    ${place ? html`<p>${place}</p>` : nothing}
    ${event.free_label ? html`<p>${plain(event.free_label)}</p>` : nothing}
    ${url || calendar
      ? html`<p class="actions" lang=${texts.lang}>
          ${url ? html`<a href=${url} target="_blank" rel="noopener noreferrer" aria-describedby=${key}>${texts.card_link}</a>` : nothing}
          ${calendar ? html`<a href=${calendar} download rel="noopener" aria-describedby=${key}>${texts.card_calendar}</a>` : nothing}
        </p>`
      : nothing}
  </article>`;
}
