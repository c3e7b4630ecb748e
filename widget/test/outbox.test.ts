import assert from "node:assert/strict";
import { test } from "node:test";

import { Refusal } from "../src/api.ts";
import { Outbox, type Letter } from "../src/outbox.ts";
import { hurry } from "../src/retry.ts";

/** An outbox whose letters meet with these fates one after the other; a number delivers. */
function outbox(...fates: (number | Error | Refusal)[]) {
  const attempts: Letter[] = [];
  const online: boolean[] = [];
  const refusals: number[] = [];
  const box = new Outbox({
    deliver: async (letter) => {
      attempts.push(letter);
      const fate = fates.shift();
      if (typeof fate !== "number") throw fate;
      return fate;
    },
    changed: (refusal) => void (refusal && refusals.push(refusal.status)),
    connected: (yes) => void online.push(yes),
  });
  return { box, attempts, online, refusals };
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

test("a message is tried under the same key until it is there", async () => {
  const { box, attempts, online } = outbox(new TypeError("offline"), new Refusal(503, {}, null), 17);
  const letter = box.add("hello", undefined, "en");
  for (let turn = 0; turn < 3; turn += 1) {
    await settle();
    hurry();
  }
  await settle();
  assert.deepEqual(attempts.map(({ key }) => key), [letter.key, letter.key, letter.key]);
  assert.deepEqual([letter.state, letter.id], ["sent", 17]);
  assert.deepEqual(online, [false, true, true]);
});

test("a refused message does not hold up the next one", async () => {
  const { box, refusals } = outbox(new Refusal(422, { error: "empty" }, null), 18);
  const [first, second] = [box.add("?", undefined, "de"), box.add("!", undefined, "de")];
  await settle();
  assert.deepEqual([first.state, second.state, second.id], ["failed", "sent", 18]);
  assert.deepEqual(refusals, [422]);
});

test("messages are sent one after the other", async () => {
  const { box, attempts } = outbox(new TypeError("offline"), 1, 2);
  box.add("a", undefined, "en");
  box.add("b", undefined, "en");
  await settle();
  assert.deepEqual(attempts.map(({ text }) => text), ["a"]);
  hurry();
  await settle();
  assert.deepEqual(attempts.map(({ text }) => text), ["a", "a", "b"]);
});
