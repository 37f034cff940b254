import assert from "node:assert/strict";
import { test } from "node:test";

import { errorPixels, colorAt, NOTHING } from "../../../ef21lab/web/assets/heatmap/image.js";
import { weightOf } from "../../../ef21lab/web/assets/live/layers.js";
import { layerOf, sidesOf } from "../../../ef21lab/web/assets/microscope/layered.js";
import { Run } from "../../../ef21lab/web/assets/shared/runs.js";
import { errorsOf, newsOf, packed, packed32 } from "./helpers.mjs";

const SCALE = { low: 0, high: 1, step: 0.1, log: false, below: false, above: false };
const LAYOUT = [[2, 1, 3, 3], [2], [4, 2]];

/** What is said of the layers, (rounds, layers), beside the errors of two nodes. */
const withLayers = (rows, energy, bits, first = 0) => ({
  ...errorsOf(rows.map(() => [0.5, 0.5]), first),
  layers: { count: rows[0].length, data: packed32(rows.flat()), energy: packed(energy), bits: packed(bits) },
});

function ran() {
  const run = new Run("a");
  run.take(newsOf([4, 2], { errors: withLayers([[0.1, NaN, 0.3], [0.4, 0, 0.6]], [1, 1, 2], [10, 20, 10]) }), "snapshot");
  run.take(newsOf([1], { first: 2, errors: withLayers([[9, 9, 9], [0.7, 0, 0.9]], [3, 0, 1], [20, 40, 20], 1) }), "delta");
  return run;
}

test("errors of layers are kept by round and layer, what comes twice is taken once, and weights are the latest", () => {
  const { layers } = ran();
  assert.deepEqual([...layers.relative.values], [0.1, NaN, 0.3, 0.4, 0, 0.6, 0.7, 0, 0.9].map(Math.fround));
  assert.deepEqual([layers.nodes, [...layers.rounds.values], [...layers.energy], [...layers.bits]], [3, [0, 1, 2], [3, 0, 1], [20, 40, 20]]);
});

test("the strip has a row for every layer, the first above", () => {
  const run = ran();
  const pixels = errorPixels(run, SCALE, 3, 3, run.layers);
  const color = (value) => (Number.isNaN(value) ? NOTHING : colorAt(Math.fround(value)));
  assert.deepEqual([...pixels], [0.1, 0.4, 0.7, NaN, 0, 0, 0.3, 0.6, 0.9].map(color));
});

test("a layer of a message is its own numbers, as outputs × all else", () => {
  const wanted = Float32Array.from({ length: 28 }, (_, at) => at);
  const whole = { wanted, received: wanted.map((value) => (value < 20 ? value : value + 3)), round: 5, node: 1, d: 28, dims: [28], why: null };
  const found = LAYOUT.map((_, layer) => layerOf(whole, LAYOUT, layer));
  assert.deepEqual(found.map(({ dims, d, round }) => [dims, d, round]), [[[2, 9], 18, 5], [[1, 2], 2, 5], [[4, 2], 8, 5]]);
  assert.deepEqual(found.map(({ wanted: [first] }) => first), [0, 18, 20]);
  assert.deepEqual([[...found[0].error], [...found[2].error], found[2].largest], [Array(18).fill(0), Array(8).fill(-3), 30]);
});

test("what a layer weighs is said in shares; without bits of its own only of the gradient", () => {
  const run = ran();
  assert.equal(weightOf(run, LAYOUT, 0, "en"), "Layer 1, 2 × 1 × 3 × 3: 75% of ‖∇f‖², 25% of the bits so far");
  run.layers.bits.fill(NaN);
  assert.equal(weightOf(run, LAYOUT, 2, "ru"), "Слой 3, 4 × 2: 25\u00a0% от ‖∇f‖²");
  assert.deepEqual([weightOf(run, LAYOUT, -1, "en"), sidesOf([])], ["", "1"]);
});
