import assert from "node:assert/strict";
import { test } from "node:test";

import { stateWords } from "../../../ef21lab/web/assets/live/cards.js";
import { Run } from "../../../ef21lab/web/assets/shared/runs.js";

const EMPTY = Object.fromEntries(["round", "loss", "grad_norm_sq", "distortion", "bits_up", "floats_up", "seconds"].map((name) => [name, ""]));

/** A run of 9 rounds in this state, which this page wishes to `wish` and `wanted` pages to go on. */
function runIn(state, wish, wanted) {
  const run = new Run("a");
  run.wish = wish;
  run.take({ key: "a", state, reason: null, rounds: 9, wanted, diverged: null, snapshots: [], columns: EMPTY, errors: null }, "delta");
  return run;
}

test("a pause or a stop that another page overrides is said, in both languages", () => {
  for (const state of ["running", "queued"]) {
    assert.match(stateWords(runIn(state, "pause", 1), null, "en"), /^round 0 of 9: paused here, but another tab/);
    assert.match(stateWords(runIn(state, "stop", 2), null, "ru"), /^раунд 0 из 9: здесь остановлен, но .*другой вкладки/);
  }
});

test("what this page wishes itself, a step of its own and a run that stands still override nothing", () => {
  const others = [runIn("running", "run", 2), runIn("running", "pause", 0), runIn("paused", "pause", 0), runIn("done", "pause", 1)];
  assert.deepEqual(others.map(({ overridden }) => overridden), [false, false, false, false]);
});
