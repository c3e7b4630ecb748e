import assert from "node:assert/strict";
import { test } from "node:test";

import { spoken } from "../src/languages.ts";

test("a page's language is found whatever its region and script", () => {
  assert.deepEqual(["de", "de-AT", "EN-gb", "zh-Hans-CN", "zh_TW", "fr", "", undefined].map(spoken), ["de", "de", "en", "zh", "en", "en", "de", "de"]);
});
