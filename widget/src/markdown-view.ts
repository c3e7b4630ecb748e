/** Shows the small markdown of answers. */

import { html, nothing, type TemplateResult } from "lit/html.js";

import { parse, type Block, type Inline } from "./markdown.ts";
import { link } from "./view.ts";

export function markdown(text: string): TemplateResult[] {
  return parse(text).map(block);
}

function block(part: Block): TemplateResult {
  const items = (): TemplateResult[] => part.lines.map((line) => html`<li>${line.map(inline)}</li>`);
  if (part.kind === "ul") return html`<ul>${items()}</ul>`;
  if (part.kind === "ol") return html`<ol start=${part.start}>${items()}</ol>`;
  return html`<p>${part.lines.map((line, index) => html`${index ? html`<br>` : nothing}${line.map(inline)}`)}</p>`;
}

function inline(part: Inline): unknown {
  if (typeof part === "string") return part;
  if (part.kind === "link") return link(part.href, part.label);
  const content = part.content.map(inline);
  return part.kind === "strong" ? html`<strong>${content}</strong>` : html`<em>${content}</em>`;
}
