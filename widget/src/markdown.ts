/** The small markdown of answers, read into a tree; nothing in it is ever HTML. */

import { safeUrl } from "./links.ts";

export type Inline = string | { kind: "strong" | "em"; content: Inline[] } | { kind: "link"; href: string; label: string };
export interface Block {
  kind: "p" | "ul" | "ol";
  lines: Inline[][];
  /** The first number of an ordered list. */
  start: number;
}

/** Bold, italic, a link's label and target, a bare address: that ends at a space, a bracket or Chinese text. */
const INLINE =
  /\*\*(?=\S)(.+?)\*\*|(?<![\p{L}\p{N}_])_(?=\S)([^_]+)_(?![\p{L}\p{N}_])|\[([^\][]+)\]\(((?:[^\s()]|\([^\s()]*\))+)\)|https?:\/\/[^\s<>"'()\u2e80-\u9fff\uff00-\uffef]+/gu;

/** Return the blocks of a text. */
export function parse(text: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | undefined;
  for (const line of text.split(/\r?\n/)) {
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

function inline(text: string): Inline[] {
  const parts: Inline[] = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    let [whole, bold, italic, label, target] = match;
    let part: Inline | undefined;
    if (bold) part = { kind: "strong", content: inline(bold) };
    else if (italic) part = { kind: "em", content: inline(italic) };
    else if (label) part = link(target!, label) ?? label;
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
