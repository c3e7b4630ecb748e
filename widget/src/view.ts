/** Small parts of the view. */

import { html, svg, type TemplateResult } from "lit/html.js";

export function icon(path: string): TemplateResult {
  return html`<svg viewBox="0 0 24 24" aria-hidden="true">${svg`<path d=${path}></path>`}</svg>`;
}

/** A link to another page; `content` stands in it. */
export function link(href: string, content: unknown): TemplateResult {
  return html`<a href=${href} target="_blank" rel="noopener noreferrer">${content}</a>`;
}
