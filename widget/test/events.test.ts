import assert from "node:assert/strict";
import { test } from "node:test";

import { EventParser } from "../src/events.ts";

const STREAM = ': \n\nid: 7\nevent: message\ndata: {"id":7}\n\nevent: typing\ndata:{"in_reply_to":7}\n\n: \n\nevent: bye\ndata: {}\n\n';
const EVENTS = [
  { type: "message", data: '{"id":7}' },
  { type: "typing", data: '{"in_reply_to":7}' },
  { type: "bye", data: "{}" },
];

test("events are read, comments are not", () => {
  assert.deepEqual(new EventParser().push(STREAM), EVENTS);
});

test("a stream may be cut anywhere, and may end its lines as Windows does", () => {
  for (const text of [STREAM, STREAM.replaceAll("\n", "\r\n")]) {
    for (let size = 1; size < 12; size += 1) {
      const parser = new EventParser();
      const found = [];
      for (let at = 0; at < text.length; at += size) found.push(...parser.push(text.slice(at, at + size)));
      assert.deepEqual(found, EVENTS);
    }
  }
});

test("an event of several lines of data is put together", () => {
  assert.deepEqual(new EventParser().push("data: a\ndata: b\n\n"), [{ type: "message", data: "a\nb" }]);
});
