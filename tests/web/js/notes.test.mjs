// Notes on curves: at which point they stand, and that none lies on another.

import assert from "node:assert/strict";
import { test } from "node:test";

import { across, anchored, placed } from "../../../ef21lab/web/assets/chart/notes.js";
import { curve } from "../../../ef21lab/web/assets/chart/points.js";
import { runOf } from "./helpers.mjs";

const ROOM = { width: 600, height: 300 };
const grown = Array.from({ length: 11 }, (_, round) => 2 ** -round);
const bits = { bits_up: grown.map((_, round) => 100 + 70 * round) };

/** A curve of contender a against an axis, at rounds 0 … 10. */
function curveOf(axis, state = "done", hidden = false) {
  const run = runOf(grown, { state, columns: bits });
  return { style: { place: "a", color: "#123456" }, run, repeats: [run], hidden, points: curve(run, { name: "grad_norm_sq", axis, logX: false }) };
}

const note = (axis, at, place = "a") => ({ place, axis, at, words: "here" });

test("a note stands on its contender's curve, at the same record whatever the axis is", () => {
  for (const axis of ["bits_up", "round"]) {
    const [there] = anchored([note("bits_up", 100 + 70 * 4)], [curveOf(axis)], axis);
    assert.deepEqual([there.x, there.y, there.color], [axis === "round" ? 4 : 380, 2 ** -4, "#123456"]);
    const [between] = anchored([note("round", 4.5)], [curveOf(axis)], axis);
    assert.ok(Math.abs(between.x - (axis === "round" ? 4.5 : 415)) < 1e-9);
    assert.ok(Math.abs(between.y - 2 ** -4.5) < 1e-12);
  }
});

test("a note waits until the run has come to it, and stands at the end of one that never will", () => {
  assert.deepEqual(anchored([note("bits_up", 5000)], [curveOf("bits_up", "running")], "bits_up"), []);
  assert.deepEqual(anchored([note("bits_up", 5000)], [curveOf("round", "running")], "round"), []);
  assert.equal(anchored([note("bits_up", 5000)], [curveOf("bits_up")], "bits_up")[0].x, 800);
  assert.equal(anchored([note("bits_up", 5000)], [curveOf("round")], "round")[0].x, 10);
  assert.equal(anchored([note("bits_up", 3)], [curveOf("bits_up")], "bits_up")[0].x, 100, "not before the first record");
});

test("a note on a curve that is hidden, or of nobody who races, is not drawn", () => {
  assert.deepEqual(anchored([note("round", 3)], [curveOf("round", "done", true)], "round"), []);
  assert.deepEqual(anchored([note("round", 3, "b")], [curveOf("round")], "round"), []);
  assert.equal(across(curveOf("round").run, "no such column", "round", 3), null);
});

/** The same numbers in [0, 1) at every run. */
function numbers(seed) {
  let state = seed * 2654435761 + 1;
  return () => ((state = (state * 1103515245 + 12345) % 2147483648) / 2147483648);
}

test("words lie in the room, on no others and on no point that is meant, wherever the points are", () => {
  for (let seed = 0; seed < 300; seed++) {
    const next = numbers(seed);
    const crowd = seed % 3 === 0 ? 30 : 600; // many of them close together
    const points = Array.from({ length: 6 }, () => ({
      left: next() * Math.min(crowd, ROOM.width),
      top: next() * Math.min(crowd, ROOM.height),
      size: { width: 30 + next() * 120, height: 20 + next() * 30 },
    }));
    const boxes = placed(points, ROOM, [{ x: points.map(({ left }) => left), y: points.map(() => 150) }]);
    assert.ok(boxes.every((box) => box !== null), `${seed}: there is room for all`);
    boxes.forEach((box, at) => {
      assert.ok(box.left >= 0 && box.top >= 0 && box.left + box.width <= ROOM.width && box.top + box.height <= ROOM.height);
      for (const other of boxes.slice(at + 1)) {
        const apart = box.left >= other.left + other.width || other.left >= box.left + box.width || box.top >= other.top + other.height || other.top >= box.top + box.height;
        assert.ok(apart, `${seed}: ${JSON.stringify([box, other])}`);
      }
      for (const { left, top } of points) {
        assert.ok(left < box.left || left > box.left + box.width || top < box.top || top > box.top + box.height);
      }
    });
  }
});

test("words keep clear of curves where that can be", () => {
  const flat = { x: Array.from({ length: 100 }, (_, at) => 6 * at), y: Array.from({ length: 100 }, () => 150) };
  const [box] = placed([{ left: 300, top: 150, size: { width: 100, height: 40 } }], ROOM, [flat]);
  assert.ok(box.top > 150 || box.top + box.height < 150);
});

test("what finds no room has none", () => {
  const point = { left: 20, top: 20, size: { width: 90, height: 30 } };
  const boxes = placed([point, point, { ...point, size: { width: 400, height: 30 } }], { width: 100, height: 60 });
  assert.equal(boxes[2], null);
  assert.ok(boxes.filter(Boolean).length <= 2);
});
