/** Server-sent events out of a stream of text (https://html.spec.whatwg.org/#event-stream-interpretation). */

export interface ServerEvent {
  type: string;
  data: string;
}

export class EventParser {
  #rest = "";

  /** Return the events that this piece of the stream completes; comments are left out. */
  push(piece: string): ServerEvent[] {
    const blocks = (this.#rest + piece).replaceAll("\r\n", "\n").split("\n\n");
    this.#rest = blocks.pop()!;
    return blocks
      .map((block) => ({ type: field(block, "event") || "message", data: field(block, "data") }))
      .filter(({ data }) => data);
  }
}

function field(block: string, name: string): string {
  const lines = block.split("\n").filter((line) => line.startsWith(`${name}:`));
  return lines.map((line) => line.slice(name.length + 1).replace(/^ /, "")).join("\n");
}
