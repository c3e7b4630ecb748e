/** The conversation as plain text, for the visitor to take along. */

import type { Entry } from "./conversation.ts";
import { plain } from "./links.ts";
import { flat } from "./markdown.ts";
import type { Texts } from "./texts.ts";

export function transcript(entries: Entry[], texts: Texts): string {
  const said = entries.flatMap(({ message }) => {
    if (!message) return [];
    const time = new Date(message.time).toLocaleString(texts.lang, { dateStyle: "short", timeStyle: "short" });
    const mine = message.role === "user";
    return [`${mine ? texts.you : texts.bot} (${time})\n${mine ? plain(message.text) : flat(message.text)}`];
  });
  return [texts.title, ...said].join("\n\n") + "\n";
}

/** Offer a text as a file. */
export function download(text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  link.download = `chat-${new Date().toISOString().slice(0, 10)}.txt`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
