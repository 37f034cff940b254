import assert from "node:assert/strict";
import { test } from "node:test";

import { definitions, pieces } from "../../../ef21lab/web/assets/shared/letters.js";

const LETTERS = { γ: "the step", L: "smoothness", "L̃": "quadratic mean", G: "distortion", "G⁰": "distortion at first", "f*": "the least value" };
const defined = (words) => pieces(words, LETTERS).filter(({ definition }) => definition).map((piece) => piece.words);

test("cut words are the words again", () => {
  for (const words of ["", "γ = 0.03", "f(x) − f*", "G", "no letters at all", "Top-1 ×16: γ", "a\nγ"]) {
    assert.equal(pieces(words, LETTERS).map((piece) => piece.words).join(""), words);
  }
});

test("a letter is found where it stands alone, and the longest counts", () => {
  assert.deepEqual(defined("EF21: Top-k k=1 γ = 0.03"), ["γ"]);
  assert.deepEqual(defined("G⁰ and G, L̃ ×1, 2L"), ["G⁰", "G", "L̃"]);
  assert.deepEqual(defined("f(x) − f* + (γ/θ) G"), ["f*", "γ", "G"]);
});

test("a letter within a word, with an index or an accent of its own is another", () => {
  assert.deepEqual(defined("GD, LASSO, Lᵢ, L̄, γ₁, EF21-BG"), []);
});

test("each definition is told once, and none where nothing is defined", () => {
  assert.deepEqual(definitions("G above G⁰, and G", LETTERS), ["distortion", "distortion at first"]);
  assert.deepEqual(definitions("γ", undefined), []);
  assert.deepEqual(pieces("γ", {}), [{ words: "γ", definition: null }]);
});
