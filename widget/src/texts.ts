/** The chat's texts in one language, as the server has them. */

import type { Language } from "./types.ts";

type Name =
  | "title" | "greeting" | "disclosure" | "abilities" | "privacy" | "privacy_url" | "starters_label" | "replies_label"
  | "log" | "language" | "menu" | "close" | "restart" | "copy" | "download" | "delete" | "delete_ask" | "delete_yes"
  | "cancel" | "copied" | "not_copied" | "deleted" | "restarted" | "ended" | "input" | "send" | "characters_left"
  | "characters_over" | "you" | "bot" | "typing" | "offline" | "retry" | "error" | "dismiss" | "waiting" | "failed"
  | "helpful" | "not_helpful" | "sources" | "card_link" | "card_calendar";

export type Texts = Record<Name, string> & { starters: string[]; lang: Language };

/** Fetches each language once. */
export class TextSource {
  readonly #server: string;
  readonly #known = new Map<Language, Promise<Texts>>();

  constructor(server: string) {
    this.#server = server;
  }

  /** Return the texts of a language; rejects when the server cannot be reached, and may then be asked again. */
  of(language: Language): Promise<Texts> {
    let texts = this.#known.get(language);
    if (!texts) {
      texts = this.#fetch(language);
      this.#known.set(language, texts);
      texts.catch(() => this.#known.delete(language));
    }
    return texts;
  }

  async #fetch(language: Language): Promise<Texts> {
    const response = await fetch(`${this.#server}/webhooks/web/texts/${language}`, { credentials: "omit" });
    if (!response.ok) throw new Error(`texts: ${response.status}`);
    return { ...((await response.json()) as Texts), lang: language };
  }
}
