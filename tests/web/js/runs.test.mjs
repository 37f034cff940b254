import assert from "node:assert/strict";
import { test } from "node:test";

import { bytes, Column, firstAfter, numbers } from "../../../ef21lab/web/assets/shared/column.js";
import { Run } from "../../../ef21lab/web/assets/shared/runs.js";
import { errorsOf, layerOf, newsOf, packed, runOf } from "./helpers.mjs";

const list = (values) => [...values];

test("numbers come through packing to the last bit", () => {
  const odd = [0, -0, 1 / 3, 1e-300, 1e300, NaN, Infinity, -Infinity, 2 ** 53 + 1];
  assert.ok(list(numbers(packed(odd))).every((value, at) => Object.is(value, odd[at])));
  assert.deepEqual(list(bytes("AAEC/w==")), [0, 1, 2, 255]);
});

test("a column keeps all that was pushed, however often it has to grow", () => {
  const column = new Column(new Float64Array());
  for (let at = 0; at < 3000; at++) column.push([at, at + 0.5]);
  assert.equal(column.length, 6000);
  assert.ok(list(column.values).every((value, at) => value === Math.floor(at / 2) + (at % 2) / 2));
  assert.equal(column.last, 2999.5);
  assert.equal(new Column(new Float32Array()).last, undefined);
});

test("the first of ascending values above a limit, by looking at each", () => {
  const values = [1, 2, 2, 5, 9];
  for (const limit of [0, 1, 1.5, 2, 4, 5, 9, 10]) {
    const found = values.findIndex((value) => value > limit);
    assert.equal(firstAfter(values, limit), found < 0 ? values.length : found);
  }
});

test("rows that come twice are taken once", () => {
  const run = new Run("a");
  run.take(newsOf([8, 4, 2]), "snapshot");
  run.take(newsOf([4, 2, 1, 0.5], { first: 1 }), "delta");
  assert.deepEqual(list(run.columns.round.values), [0, 1, 2, 3, 4]);
  assert.deepEqual(list(run.columns.grad_norm_sq.values), [8, 4, 2, 1, 0.5]);
  assert.equal(run.cursor, "a:4:-1");
});

test("a cursor says how far rows, errors and the layer have come", () => {
  const run = new Run("a");
  run.asked = true;
  assert.equal(run.cursor, "a:-1:-1:-1");
  run.take(newsOf([8, 4, 2], { errors: errorsOf([[0.1], [0.2]]), more: layerOf({ round: [0], gap: [1] }) }), "snapshot");
  assert.equal(run.cursor, "a:2:1:0");
});

test("nothing more comes of a run that has ended, once the layer that was asked for is here", () => {
  const run = runOf([3, 2, 1]);
  assert.equal(run.settled, true);
  run.asked = true;
  assert.equal(run.settled, false);
  run.take(newsOf([], { first: 3, state: "done", more: layerOf({ round: [0, 1, 2] }) }), "end");
  assert.equal(run.settled, true);
  const gone = new Run("b");
  gone.asked = true;
  gone.lose();
  assert.deepEqual([gone.settled, gone.state], [true, "unknown"]);
});

test("a poll ends a run in a final state, a delta does not", () => {
  const ended = (state, kind) => {
    const run = new Run("a");
    run.take(newsOf([1], { state }), kind);
    return run.ended;
  };
  assert.deepEqual(["done", "failed", "cancelled", "running", "paused"].map((state) => ended(state, "poll")), [true, true, true, false, false]);
  assert.equal(ended("done", "delta"), false);
  assert.equal(ended("done", "end"), true);
});

test("errors are kept by round and node", () => {
  const run = new Run("a");
  run.take(newsOf([1, 1], { errors: errorsOf([[0.5, 0.25], [0.125, NaN]], 0, 10) }), "snapshot");
  run.take(newsOf([1], { first: 2, errors: errorsOf([[9, 9], [1, 2]], 10, 10) }), "delta");
  assert.deepEqual(list(run.errors.relative.values), [0.5, 0.25, 0.125, NaN, 1, 2]);
  assert.deepEqual([0, 9, 10, 15, 20, 99].map((round) => run.rowAt(round)), [0, 0, 1, 1, 2, 2]);
  assert.equal(run.rowAt(-1), -1);
});

test("the message of a round is its own where it is recorded, else the nearest kept one", () => {
  const run = runOf([1, 1, 1], { snapshots: [0, 3, 9], errors: errorsOf([[1], [1], [1]], 0, 2) });
  assert.equal(run.messageAt(null), 9);
  assert.equal(run.messageAt(3), 3);
  assert.equal(run.messageAt(2), 2);
  assert.equal(run.messageAt(1), 0, "the record that was current then");
  assert.equal(run.messageAt(7), 9, "not yet recorded: the nearest kept one");
  assert.deepEqual([1, 2, 6, 7].map((round) => run.keptNear(round)), [0, 3, 3, 9]);
  assert.deepEqual([new Run("b").messageAt(null), new Run("b").keptNear(4), new Run("b").messageAt(4)], [null, null, null]);
});
