/** The languages of the chat, and which of them a page's language tag means. */

import type { Language } from "./types.ts";

export const LANGUAGES: readonly Language[] = ["de", "en", "zh"];

/** Return the language of a BCP 47 tag: its own if there is one, English for any other, German if there is no tag. */
export function spoken(tag: string | null | undefined): Language {
  if (!tag) return "de";
  return LANGUAGES.find((known) => known === tag.toLowerCase().split("-")[0]) ?? "en";
}
