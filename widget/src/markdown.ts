/** The small markdown of answers, read into a tree; nothing in it is ever HTML. */

import { plain, safeUrl } from "./links.ts";

export type Inline = string | { kind: "bold" | "italic"; content: Inline[] } | { kind: "link"; href: string; label: string };
export interface Block {
  kind: "p" | "ul" | "ol";
  lines: Inline[][];
  /** The first number of an ordered list. */
  start: number;
}

const INLINE = new RegExp(
  [
    String.raw`\*\*(?=\S)(?<bold>.+?)\*\*`,
    String.raw`(?<![\p{L}\p{N}_])_(?=\S)(?<italic>[^_]+)_(?![\p{L}\p{N}_])`,
    String.raw`\[(?<label>[^\]\[]+)\]\((?<target>[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)\)`,
    // A bare address ends at a space, at a bracket that it did not open, and before Chinese text.
    String.raw`(?<bare>https?:\/\/[^\s<>"'()\u2e80-\u9fff\uff00-\uffef]+(?:\([^\s()]*\)[^\s<>"'()\u2e80-\u9fff\uff00-\uffef]*)*)`,
  ].join("|"),
  "gu",
);

/** Return the blocks of a text. */
export function parse(text: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | undefined;
  for (const line of plain(text).split(/\r?\n/)) {
    const item = /^\s*(?:[-•]|(\d{1,3})\.)\s+(.+)$/.exec(line);
    const kind: Block["kind"] = item ? (item[1] ? "ol" : "ul") : "p";
    if (!line.trim()) {
      open = undefined;
      continue;
    }
    if (!open || open.kind !== kind) {
      open = { kind, lines: [], start: Number(item?.[1] ?? 1) };
      blocks.push(open);
    }
    open.lines.push(inline(item?.[2] ?? line));
  }
  return blocks;
}

/** Return a text without its marks, for the clipboard. */
export function flat(text: string): string {
  const of = (part: Inline): string =>
    typeof part === "string" ? part
    : part.kind !== "link" ? part.content.map(of).join("")
    : part.label === part.href ? part.href
    : `${part.label} (${part.href})`;
  return plain(text).split("\n").map((line) => inline(line).map(of).join("")).join("\n");
}

function inline(text: string): Inline[] {
  const parts: Inline[] = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    const groups = match.groups!;
    let whole = match[0];
    let part: Inline = whole;
    if (groups["bold"]) part = { kind: "bold", content: inline(groups["bold"]) };
    else if (groups["italic"]) part = { kind: "italic", content: inline(groups["italic"]) };
    else if (groups["label"]) part = link(groups["target"]!, groups["label"]) ?? groups["label"];
    else {
      whole = whole.replace(/[.,;:!?…*_]+$/, "");
      part = link(whole, whole) ?? whole;
    }
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push(part);
    end = match.index + whole.length;
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}

function link(target: string, label: string): Inline | undefined {
  const href = safeUrl(target);
  // A label that looks like an address but leads to another one would deceive.
  return href && { kind: "link", href, label: /^\s*(https?:|www\.)/i.test(label) ? target : label };
}
