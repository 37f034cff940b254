import assert from "node:assert/strict";
import { test } from "node:test";

import { compared, face, isBlank, norm, signedPixels } from "../../../ef21lab/web/assets/microscope/folded.js";
import { aboutOf } from "../../../ef21lab/web/assets/microscope/pictures.js";
import { placeAt, wordsOf } from "../../../ef21lab/web/assets/microscope/pointed.js";
import { signedColors } from "../../../ef21lab/web/assets/shared/colors.js";

test("a picture is of the last two sides, and there is one for each place in the others", () => {
  assert.deepEqual([[7], [4, 7], [3, 4, 7], [2, 3, 4, 7]].map(face), [[1, 7, 1], [4, 7, 1], [4, 7, 3], [4, 7, 6]]);
});

test("the error is what was wanted less what was received, and the scale holds all three", () => {
  const { error, largest } = compared(Float32Array.of(1, -2, 3), Float32Array.of(1, 2, -0.5));
  assert.deepEqual([...error], [0, -4, 3.5]);
  assert.equal(largest, 4);
  assert.equal(norm(Float32Array.of(3, 4)), 5);
});

test("a number has the colour of its share of the largest, 0 is neutral, and padding is clear", () => {
  const colors = signedColors(false);
  const pixels = signedPixels(Float32Array.of(9, 9, -2, 0, 2, 1), { start: 2, cells: 5, largest: 2, dark: false });
  assert.deepEqual([...pixels], [colors[0], colors[255], colors[510], colors[Math.round(255 * 1.5)], 0]);
  assert.deepEqual([...signedPixels(Float32Array.of(0), { start: 0, cells: 1, largest: 0, dark: true })], [signedColors(true)[255]]);
});

test("a picture is blank where all its own numbers are zero, whatever the others are, and not where it is all padding", () => {
  const values = Float32Array.of(0, -0, 3, 0, 0);
  const blank = [0, 2, 4, 6].map((start) => isBlank(values, { start, cells: 2 }));
  assert.deepEqual(blank, [true, false, true, false]);
});

test("the words under the pictures say which message it is, and which it is not", () => {
  const message = { round: 15, node: 1, why: null, d: 112, dims: [4, 4, 7] };
  const about = (asked, more = {}) => aboutOf({ language: "en", round: 15, near: undefined, ...asked }, { ...message, ...more });
  assert.equal(about({}), "node 1, round 15, 112 numbers as 4 × 4 × 7");
  assert.match(about({ near: 13 }), /round 15, the kept one nearest to 13/);
  assert.match(about({ round: 13, near: 13 }, { why: { en: "too long ago", ru: "" } }), /nearest to 13.*Round 13 itself: too long ago\.$/);
});

test("a pointer on a picture is on one number, on padding, or on none", () => {
  const shown = { values: Float32Array.from({ length: 11 }, (_, at) => at / 4), start: 6, rows: 2, columns: 3, language: "en" };
  assert.deepEqual([placeAt(shown, 0, 0), placeAt(shown, 0.99, 0.49), placeAt(shown, 0.34, 0.5)], [6, 8, 10]);
  assert.deepEqual([placeAt(shown, 0.99, 0.99), placeAt(shown, -0.01, 0), placeAt(shown, 0, 1), placeAt(shown, NaN, 0)], [-1, -1, -1, -1]);
});

test("a coordinate is told by its number, and by its name where it has another", () => {
  const shown = { values: Float32Array.of(0.5, -2), start: 0, rows: 1, columns: 2, language: "en" };
  const name = '<img src=x onerror="alert(1)"> {value}';
  assert.equal(wordsOf(shown, 1, ["a", name]), `coordinate 2 (${name}): −2`);
  assert.equal(wordsOf(shown, 1, ["1", "2"]), "coordinate 2: −2");
  assert.equal(wordsOf({ ...shown, language: "ru" }, 0, []), "координата 1: 0,5");
});
