/** The conversation as plain text, for the visitor to take along. */

import type { Entry } from "./conversation.ts";
import type { Texts } from "./texts.ts";

export function transcript(entries: Entry[], texts: Texts): string {
  const said = entries.flatMap(({ message }) => {
    if (!message) return [];
    const time = new Date(message.time).toLocaleString(texts.lang);
    // The small markdown of answers reads well as it is, but for the asterisks.
    return [`${message.role === "user" ? texts.you : texts.bot} (${time})\n${message.text.replaceAll("**", "")}`];
  });
  return [texts.title, ...said].join("\n\n");
}

/** Offer a text as a file. */
export function download(text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text]));
  link.download = "chat.txt";
  link.click();
}
