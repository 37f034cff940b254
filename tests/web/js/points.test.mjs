import assert from "node:assert/strict";
import { test } from "node:test";

import { curve, MOST_POINTS, thinned, valueAt } from "../../../ef21lab/web/assets/chart/points.js";
import { runOf } from "./helpers.mjs";

const points = (heights) => ({ x: heights.map((_, at) => at), y: heights });
const along = { name: "grad_norm_sq", axis: "round", logX: false };

test("a curve of few points is drawn as it is", () => {
  const whole = points([3, 1, 2]);
  assert.deepEqual(thinned(whole), whole);
});

test("of a long curve every dip and every peak stays, and both ends", () => {
  const heights = Array.from({ length: 50_000 }, (_, at) => 1 + (at % 7) / 10);
  const odd = { 1234: 1e-9, 20_001: 1e9, 33_333: 1e-12, 49_998: 1e12 };
  for (const [at, height] of Object.entries(odd)) heights[at] = height;
  const { x, y } = thinned(points(heights));
  assert.ok(x.length <= MOST_POINTS);
  for (const [at, height] of Object.entries(odd)) assert.equal(y[x.indexOf(Number(at))], height);
  assert.deepEqual([x[0], x.at(-1)], [0, 49_999]);
  assert.ok(x.every((at, place) => place === 0 || at > x[place - 1]), "in their order");
});

test("near every stretch there is a drawn point as low, and one as high, as any of it", () => {
  const heights = Array.from({ length: 40_000 }, (_, at) => Math.exp(Math.sin(at / 900) * 9 + Math.sin(at * 1.7)));
  const { x, y } = thinned(points(heights));
  const beside = 40_000 / (MOST_POINTS / 2 - 1);
  for (let from = 0; from < 40_000; from += 500) {
    const drawn = y.filter((_, at) => x[at] >= from - beside && x[at] < from + 500 + beside);
    const whole = heights.slice(from, from + 500);
    assert.ok(Math.min(...drawn) <= Math.min(...whole));
    assert.ok(Math.max(...drawn) >= Math.max(...whole));
  }
});

test("where a part is in sight, only that is thinned, with a point beyond either side for the line to go on", () => {
  const { x } = thinned(points(Array(5000).fill(1)), [1000, 1100]);
  assert.ok(x[0] < 1000 && x[0] > 990);
  assert.ok(x.at(-1) > 1100 && x.at(-1) < 1110);
  assert.equal(x.length, x.at(-1) - x[0] + 1, "every point of it");
});

test("a log scale shows only what is positive, a linear one all that is a number", () => {
  const run = runOf([1, 0, -1, NaN, Infinity, 2]);
  assert.deepEqual(curve(run, along), { x: [0, 5], y: [1, 2] });
  assert.deepEqual(curve(run, { ...along, linear: true }), { x: [0, 1, 2, 5], y: [1, 0, -1, 2] });
  assert.deepEqual(curve(run, { ...along, logX: true }), { x: [5], y: [2] });
  assert.deepEqual(curve(run, { ...along, name: "psi" }), { x: [], y: [] }, "what is not known");
});

test("a column of other rounds stands at the rows that were current then", () => {
  const run = runOf([5, 4, 3, 2, 1], { columns: { bits_up: [10, 20, 30, 40, 50] }, more: { round: [1, 3], mean: [7, 8] } });
  assert.deepEqual(curve(run, { ...along, name: "mean" }), { x: [1, 3], y: [7, 8] });
  assert.deepEqual(curve(run, { ...along, name: "mean", axis: "bits_up" }), { x: [20, 40], y: [7, 8] });
});

test("between two records a curve is on the line that is drawn: straight in log y where it can be", () => {
  assert.ok(Math.abs(valueAt({ x: [0, 2], y: [1, 100] }, 1) - 10) < 1e-12);
  assert.equal(valueAt({ x: [0, 2], y: [-1, 3] }, 1), 1);
  assert.equal(valueAt({ x: [0, 2], y: [1, 100] }, 2), 100);
  assert.equal(valueAt({ x: [0, 2], y: [1, 100] }, 2.001), null);
  assert.equal(valueAt({ x: [1, 2], y: [1, 100] }, 0.999), null);
  assert.equal(valueAt({ x: [], y: [] }, 0), null);
});
