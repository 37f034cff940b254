import assert from "node:assert/strict";
import { test } from "node:test";

import { BOTTOM, Grid, LEFT, RIGHT, ticks, TOP } from "../../../ef21lab/web/assets/heatmap/grid.js";
import { colorAt, errorPixels, NOTHING } from "../../../ef21lab/web/assets/heatmap/image.js";
import { errorsOf, runOf } from "./helpers.mjs";

const SCALE = { low: 0, high: 1, step: 0.1, log: false, below: false, above: false };

const lightness = (color) => 0.2126 * (color & 255) + 0.7152 * ((color >> 8) & 255) + 0.0722 * ((color >> 16) & 255);

/** A run of these errors (rounds, nodes), every so many rounds. */
const ran = (rows, every = 1) => runOf(rows.map(() => 1), { errors: errorsOf(rows, 0, every), every });

test("node 0 is the first row and round 0 the first column, and greater errors are lighter", () => {
  const [rounds, nodes] = [6, 3];
  const rows = Array.from(Array(rounds).keys(), (round) => Array.from(Array(nodes).keys(), (node) => 0.1 + 0.3 * node - 0.015 * round));
  const pixels = errorPixels(ran(rows), SCALE, rounds, rounds);
  const at = (node, round) => lightness(pixels[node * rounds + round]);
  for (let node = 0; node < nodes; node++) {
    for (let round = 0; round < rounds; round++) {
      assert.equal(pixels[node * rounds + round], colorAt(Math.fround(rows[round][node])));
      if (node) assert.ok(at(node, round) > at(node - 1, round), "down the nodes the errors grow");
      if (round) assert.ok(at(node, round) < at(node, round - 1), "along the rounds they fall");
    }
  }
});

test("where nothing was sent, or has come yet, the picture is clear", () => {
  const pixels = errorPixels(ran([[0.5, NaN], [NaN, 0.5]]), SCALE, 4, 4);
  const clear = [...pixels].map((color) => color === NOTHING);
  assert.deepEqual(clear, [false, true, true, true, true, false, true, true]);
  assert.ok([...errorPixels(ran([[0.5]]), null, 1, 1)].every((color) => color === NOTHING), "without a scale there is no colour");
});

test("records that share a column are drawn as their mean, a record that stands for many rounds in all of theirs", () => {
  const shared = errorPixels(ran([[0.1], [0.3], [0.6], [0.8]]), SCALE, 4, 2);
  assert.deepEqual([...shared], [colorAt(0.2), colorAt(0.7)]);
  const sparse = errorPixels(ran([[0.1], [0.9]], 3), SCALE, 6, 6);
  assert.deepEqual([...sparse], [0.1, 0.1, 0.1, 0.9, 0.9, 0.9].map(colorAt));
});

test("a place on the canvas and a cell are one thing, read either way", () => {
  const grid = new Grid(900, 7, 41);
  for (const node of [0, 3, 6]) {
    for (const round of [0, 20, 40]) {
      assert.deepEqual(grid.at(grid.x(round), grid.y(node)), { node, round });
      const [left, top, width, height] = grid.frame({ node, round });
      assert.deepEqual(grid.at(left + width / 2, top + height / 2), { node, round });
    }
  }
  assert.ok(grid.y(0) < grid.y(1) && grid.x(0) < grid.x(1));
});

test("beside the cells there is none", () => {
  const grid = new Grid(900, 7, 41);
  const { width, height } = grid.whole;
  const beside = [[LEFT - 1, 50], [width - RIGHT, 50], [100, TOP - 1], [100, height - BOTTOM]];
  assert.deepEqual(beside.map(([x, y]) => grid.at(x, y)), [null, null, null, null]);
});

test("ticks are round numbers from 0, no more than asked for", () => {
  assert.deepEqual(ticks(19, 10), [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
  assert.deepEqual(ticks(400, 5), [0, 100, 200, 300, 400]);
  assert.deepEqual(ticks(0, 5), [0]);
  for (const last of [3, 17, 99, 1234, 20000]) for (const most of [1, 4, 12]) assert.ok(ticks(last, most).length <= most + 1);
});
