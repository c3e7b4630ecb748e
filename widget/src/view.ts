/** Small parts of the view. */

import { html, nothing, type TemplateResult } from "lit/html.js";

/** An icon that is a button; `press` is missing where it submits a form. */
export function button(label: string, path: string, kind: string, press?: () => void, pressed?: boolean, expanded?: boolean): TemplateResult {
  return html`<button class="icon ${kind}" aria-label=${label} title=${label} aria-pressed=${pressed ?? nothing}
    aria-expanded=${expanded ?? nothing} @click=${press}><svg viewBox="0 0 24 24" aria-hidden="true"><path d=${path}></path></svg></button>`;
}

/** A link to another page; `content` stands in it. */
export function link(href: string, content: string): TemplateResult {
  return html`<a href=${href} target="_blank" rel="noopener noreferrer">${content}</a>`;
}
