import assert from "node:assert/strict";
import { test } from "node:test";

import { parse, plain } from "../src/json.ts";

test("bidi and control characters are removed, letters of all scripts and line breaks stay", () => {
  assert.equal(plain("\u202egnp.exe\u202c \u2066a\u2069\u200f\ufeff\0\x1b"), "gnp.exe a");
  assert.equal(plain("Straße\n柏林\tשלום 👨‍👩‍👧"), "Straße\n柏林\tשלום 👨‍👩‍👧");
});

test("texts are cleaned at any depth", () => {
  assert.deepEqual(parse('{"cards": [{"title": "a\\u202eb", "free": null}], "id": 3}'), { cards: [{ title: "ab", free: null }], id: 3 });
});
