import assert from "node:assert/strict";
import { test } from "node:test";

import { length, sends } from "../src/composer.ts";

const ENTER = { key: "Enter", shiftKey: false, isComposing: false, keyCode: 13 };

test("Enter sends", () => assert.ok(sends(ENTER)));

test("Shift and Enter break the line", () => assert.ok(!sends({ ...ENTER, shiftKey: true })));

test("Enter that belongs to an input method never sends", () => {
  assert.ok(!sends({ ...ENTER, isComposing: true }));
  assert.ok(!sends({ ...ENTER, keyCode: 229 }));
});

test("characters are counted as the server counts them", () => {
  assert.equal(length(" 熊猫🐼 \n"), 3);
});
