import assert from "node:assert/strict";
import { test } from "node:test";

import { printed, WIDTH, wrapped } from "../../../ef21lab/web/assets/chart/print.js";

const monospaced = (text) => 10 * text.length;

test("a text is broken after blanks and after the signs of an address", () => {
  assert.deepEqual(wrapped("one two three", 80, monospaced), ["one two", "three"]);
  assert.deepEqual(wrapped("http://lab/?a=1&b=2", 160, monospaced), ["http://lab/?a=1&", "b=2"]);
  assert.deepEqual(wrapped("", 80, monospaced), []);
});

test("nothing of a text is lost, however narrow the room, and no row is wider", () => {
  const link = `http://lab.example/?${Array.from({ length: 60 }, (_, at) => `a${at}.method=ef21_${at}`).join("&")}&${"x".repeat(300)}`;
  for (const room of [30, 170, 900]) {
    const rows = wrapped(link, room, monospaced);
    assert.equal(rows.join(""), link);
    assert.ok(rows.every((row) => monospaced(row) <= room));
  }
});

function figure(names, words = {}) {
  const traces = names.map((name) => ({ mode: "lines", name, x: [0], y: [1] }));
  const given = { title: "What", about: "Of what", link: "http://lab/", ...words };
  return printed({ traces, layout: { font: { size: 13 } }, words: given, colors: { background: "#fff", muted: "#777" }, measure: (text, size) => 0.6 * size * text.length });
}

test("a figure grows with its legend and its address, not with the window; the plot keeps its height", () => {
  const [small, large] = [figure(["a"]), figure(Array(6).fill("a name of many words ".repeat(9)), { link: "x".repeat(3000) })];
  const plot = ({ height, layout }) => Math.round(height - layout.margin.t - layout.margin.b);
  assert.deepEqual([small.width, large.width], [WIDTH, WIDTH]);
  assert.equal(plot(small), plot(large));
  assert.ok(large.height > small.height + 300);
});

test("words that look like tags are words", () => {
  const { data, layout } = figure(['<a href="https://x">y</a> & z'], { about: "<b>file</b>.csv" });
  assert.equal(data[0].name, '&lt;a href="https://x"&gt;y&lt;/a&gt; &amp; z');
  assert.ok(layout.annotations.some(({ text }) => text === "&lt;b&gt;file&lt;/b&gt;.csv"));
});
