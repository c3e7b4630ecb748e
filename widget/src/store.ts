/** What the chat keeps in the browser: one key of sessionStorage, and that only after the first message. */

import type { Language } from "./types.ts";

export const KEY = "bb-chat";

export interface Stored {
  token: string;
  /** When the token expires, in milliseconds since 1970. */
  expires: number;
  /** The newest message that the visitor has seen. */
  last: number;
  /** The language that the visitor chose; null as long as the chat follows the page. */
  language: Language | null;
  open: boolean;
}

/** Return what is kept, or null; storage that is blocked counts as empty. */
export function read(): Stored | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Stored | null;
    return kept && typeof kept.token === "string" ? kept : null;
  } catch {
    return null;
  }
}

/** Whether there is an ongoing chat whose panel was open. */
export function wasOpen(): boolean {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)!).open;
  } catch {
    return false;
  }
}

/** Keep a session; without storage the chat lives as long as the page. */
export function write(stored: Stored | null): void {
  try {
    if (stored) sessionStorage.setItem(KEY, JSON.stringify(stored));
    else sessionStorage.removeItem(KEY);
  } catch {
    // Storage is blocked or full.
  }
}
