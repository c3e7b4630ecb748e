/** Server-sent events out of a stream of text (https://html.spec.whatwg.org/#event-stream-interpretation). */

export interface ServerEvent {
  type: string;
  data: string;
}

export class EventParser {
  #rest = "";

  /** Return the events that this piece of the stream completes; comments are left out. */
  push(piece: string): ServerEvent[] {
    const blocks = (this.#rest + piece).split(/\r?\n\r?\n/);
    this.#rest = blocks.pop() ?? "";
    return blocks.map(parse).filter((event) => event.data !== "");
  }
}

function parse(block: string): ServerEvent {
  const event: ServerEvent = { type: "message", data: "" };
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const [, name, value = ""] = /^(\w+)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === "event") event.type = value;
    if (name === "data") data.push(value);
  }
  event.data = data.join("\n");
  return event;
}
