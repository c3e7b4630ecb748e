/** What stands at the beginning: that this is a machine, what it can do, and what might be asked. */

import { html, nothing, type TemplateResult } from "lit/html.js";

import { safeUrl } from "./links.ts";
import type { Texts } from "./texts.ts";
import { link } from "./view.ts";

export function greeting(texts: Texts): TemplateResult {
  const privacy = safeUrl(texts.privacy_url);
  return html`<li class="bot" lang=${texts.lang}>
    <span class="sr">${texts.bot}:</span>
    <div class="bubble">
      <p>${texts.greeting}</p>
      <p><strong>${texts.disclosure}</strong> ${texts.abilities} ${privacy ? link(privacy, texts.privacy) : nothing}</p>
    </div>
  </li>`;
}
