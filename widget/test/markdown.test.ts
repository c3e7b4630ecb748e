import assert from "node:assert/strict";
import { test } from "node:test";

import { parse, type Block, type Inline } from "../src/markdown.ts";

/** Return the parts of a text of one line. */
function line(text: string): Inline[] {
  return parse(text)[0]!.lines[0]!;
}

const shape = ({ kind, lines }: Block): [string, number] => [kind, lines.length];

test("bold, italic and links are told apart", () => {
  assert.deepEqual(line("a **b** _c_ [d](https://e.org/f)."), [
    "a ",
    { kind: "strong", content: ["b"] },
    " ",
    { kind: "em", content: ["c"] },
    " ",
    { kind: "link", href: "https://e.org/f", label: "d" },
    ".",
  ]);
});

test("a link may stand in bold", () => {
  assert.deepEqual(line("**[d](https://e.org/)**"), [
    { kind: "strong", content: [{ kind: "link", href: "https://e.org/", label: "d" }] },
  ]);
});

test("underscores within words and addresses mean nothing", () => {
  assert.deepEqual(line("snake_case_name"), ["snake_case_name"]);
  assert.deepEqual(line("https://e.org/a_b_c"), [{ kind: "link", href: "https://e.org/a_b_c", label: "https://e.org/a_b_c" }]);
});

test("a bare address ends before punctuation and before Chinese text", () => {
  assert.deepEqual(line("(https://e.org/a).")[1], { kind: "link", href: "https://e.org/a", label: "https://e.org/a" });
  assert.deepEqual(line("见https://e.org/a。好"), ["见", { kind: "link", href: "https://e.org/a", label: "https://e.org/a" }, "。好"]);
});

test("an address in a link may hold brackets", () => {
  assert.deepEqual(line("[d](https://e.org/a(b))"), [{ kind: "link", href: "https://e.org/a(b)", label: "d" }]);
});

test("only http and https become links", () => {
  for (const target of ["javascript:alert(1)", "JaVaScRiPt:x", "data:text/html,x", "vbscript:x", "file:///etc", "//e.org", "/path", "x"]) {
    assert.deepEqual(line(`[d](${target})`)[0], "d", target);
  }
});

test("an address with a name before the host does not become a link", () => {
  assert.deepEqual(line("[d](https://good.example@evil.example/)"), ["d"]);
});

test("a label that looks like another address is replaced by the true one", () => {
  assert.deepEqual(line("[https://berlin.de](https://evil.example/)"), [
    { kind: "link", href: "https://evil.example/", label: "https://evil.example/" },
  ]);
});

test("lists, numbered lists and paragraphs are told apart", () => {
  const blocks = parse("a\nb\n\nc\n- d\n- e\n3. f\n4. g");
  assert.deepEqual(blocks.map(shape), [["p", 2], ["p", 1], ["ul", 2], ["ol", 2]]);
  assert.equal(blocks[3]?.start, 3);
});

test("markup is text", () => {
  assert.deepEqual(line("<b>x</b>"), ["<b>x</b>"]);
});

test("a long text of marks is read in no time", () => {
  for (const mark of ["**", "_a", "[", "[a](", "https://a("]) {
    const began = performance.now();
    parse(mark.repeat(2000));
    assert.ok(performance.now() - began < 500, mark);
  }
});
