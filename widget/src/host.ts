/** What the element that draws the launcher and the panel that it loads know of each other. */

import type { Language } from "./types.ts";

export interface Host {
  root: ShadowRoot;
  /** Address of the assistant's server, without a slash at the end. */
  server: string;
  /** The language of the page. */
  language(): Language;
  /** The panel wants to be closed. */
  close(): void;
  /** How many messages came while the panel was closed. */
  unread(number: number): void;
}

export interface Chat {
  /** Show the panel; `focus` is false when it opens by itself. */
  open(focus: boolean): void;
  close(): void;
  /** The page's language has changed. */
  follow(): void;
}

/** What a panel chunk exports. Rejects when the texts cannot be loaded. */
export interface PanelModule {
  create(host: Host): Promise<Chat>;
}
