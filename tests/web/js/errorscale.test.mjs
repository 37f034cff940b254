import assert from "node:assert/strict";
import { test } from "node:test";

import { placeOf, scaleOf } from "../../../ef21lab/web/assets/heatmap/errorscale.js";

const runOf = (errors) => ({ errors: { relative: { values: Float32Array.from(errors), length: errors.length } } });
const steps = (count, low, high) => Array.from({ length: count }, (_, at) => low + ((high - low) * at) / (count - 1));

// What sending v as float32 leaves of it: the relative error of the rounded vector, by Math.fround.
function rounding(seed) {
  const v = Array.from({ length: 50 }, (_, at) => Math.sin(1000 * seed + 7.3 * at));
  const square = (values) => values.reduce((sum, value) => sum + value * value, 0);
  return Math.sqrt(square(v.map((value) => value - Math.fround(value))) / square(v));
}

const whole = runOf(steps(400, 1, 400).map(rounding));

const near = runOf(steps(400, 0.2, 0.9));
const wide = runOf(steps(400, -4, 0).map((power) => 10 ** power));

test("beside a contender that sends everything the others keep their colours on one scale, which begins at 0", () => {
  const pooled = scaleOf([whole, near]);
  assert.deepEqual([pooled.low, pooled.log, pooled.below], [0, false, false]);
  assert.ok(pooled.high >= 0.9 && pooled.high <= 1);
  assert.ok(placeOf(pooled, 0.9) - placeOf(pooled, 0.2) > 0.6);
});

test("others that lie decades apart keep their own logarithmic scale, which says that there is less", () => {
  const [alone, pooled] = [scaleOf([wide]), scaleOf([whole, wide])];
  assert.deepEqual([pooled.low, pooled.high, pooled.log], [alone.low, alone.high, true]);
  assert.equal(pooled.below, true);
});

test("what was only rounded, or not even that, has the lowest colour", () => {
  for (const scale of [scaleOf([whole, near]), scaleOf([whole, wide])]) {
    assert.ok([0, 1e-8, rounding(3)].every((error) => placeOf(scale, error) < 1e-6));
  }
});

test("errors that are small but no rounding keep their place on a logarithmic scale", () => {
  const scale = scaleOf([runOf(steps(400, -6, 0).map((power) => 10 ** power))]);
  assert.equal(scale.log, true);
  assert.ok(placeOf(scale, 1e-5) > 0.05 && placeOf(scale, 1e-5) < 0.3);
});

test("where all is rounding, the scale is that of rounding; where nothing was sent, there is none", () => {
  assert.ok(scaleOf([whole]).high < 2 ** -22);
  assert.equal(scaleOf([runOf([])]), null);
  assert.equal(scaleOf([runOf([NaN, Infinity])]), null);
});
