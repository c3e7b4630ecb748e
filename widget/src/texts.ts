/** The chat's texts in one language, as the server has them. */

import { read } from "./json.ts";
import type { Language } from "./types.ts";

type Name =
  | "title" | "greeting" | "disclosure" | "abilities" | "privacy" | "privacy_url" | "starters_label" | "replies_label"
  | "log" | "language" | "menu" | "close" | "restart" | "copy" | "download" | "delete" | "delete_ask" | "delete_yes"
  | "cancel" | "copied" | "not_copied" | "deleted" | "restarted" | "ended" | "input" | "send" | "characters_left"
  | "characters_over" | "you" | "bot" | "typing" | "offline" | "retry" | "error" | "waiting" | "failed"
  | "helpful" | "not_helpful" | "sources" | "card_link" | "card_calendar";

export type Texts = Record<Name, string> & { starters: string[]; lang: Language };

/** Return the texts of a language; the browser keeps them for some minutes. Rejects when the server cannot be reached. */
export async function load(server: string, language: Language): Promise<Texts> {
  const response = await fetch(`${server}/webhooks/web/texts/${language}`, { credentials: "omit" });
  if (!response.ok) throw new Error(`texts: ${response.status}`);
  return { ...(await read<Texts>(response)), lang: language };
}
