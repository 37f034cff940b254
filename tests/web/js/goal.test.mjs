// ε on the chart: what its keys do.

import assert from "node:assert/strict";
import { test } from "node:test";

import { moved } from "../../../ef21lab/web/assets/chart/goal.js";

test("up and down go by 1, 2, 5 and 10, and a page by a decade", () => {
  const walk = (from, key, steps) => Array.from({ length: steps }, () => (from = moved(from, key)));
  assert.deepEqual(walk(1e-4, "ArrowUp", 4), [2e-4, 5e-4, 1e-3, 2e-3]);
  assert.deepEqual(walk(1e-4, "ArrowDown", 4), [5e-5, 2e-5, 1e-5, 5e-6]);
  assert.deepEqual(walk(1.55e-4, "ArrowDown", 2), [1e-4, 5e-5]);
  assert.deepEqual(walk(1.55e-4, "ArrowUp", 2), [2e-4, 5e-4]);
  assert.deepEqual([moved(3e-7, "PageUp"), moved(3e-7, "PageDown")], [3e-6, 3e-8]);
  assert.equal(moved(1e-4, "a"), null);
});

test("up undoes down at every step of the way", () => {
  for (let epsilon = 1e-30; epsilon < 1e6; epsilon = moved(epsilon, "ArrowUp")) {
    assert.equal(moved(moved(epsilon, "ArrowUp"), "ArrowDown"), epsilon);
  }
});
