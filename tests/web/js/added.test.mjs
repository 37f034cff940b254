import assert from "node:assert/strict";
import { test } from "node:test";

import { asksForMore } from "../../../ef21lab/web/assets/chart/theory.js";
import { curve } from "../../../ef21lab/web/assets/shared/runs.js";
import { learn, say } from "../../../ef21lab/web/assets/shared/words.js";
import { packed, runOf } from "./helpers.mjs";

const FLAT = [1, 1, 1, 1];

test("a metric that was added comes with the layer, grows with it, and is drawn under its own name", () => {
  const run = runOf(FLAT);
  assert.equal(run.column("largest"), null);
  const news = { state: "done", reason: null, rounds: 3, diverged: null, snapshots: [], columns: { round: packed([]) }, errors: null };
  const more = (rounds, values) => ({ ...news, columns: empty(run), more: { said: { missing: {} }, columns: { round: packed(rounds), largest: packed(values) } } });
  run.take(more([0, 1], [7, 5]), "delta");
  run.take(more([1, 2, 3], [5, 4, 3]), "end");
  assert.deepEqual([...run.column("largest").values], [7, 5, 4, 3]);
  assert.deepEqual([...curve(run, { axis: "round", name: "largest" }).y], [7, 5, 4, 3]);
  assert.ok(asksForMore({ metric: "largest", axis: "round" }));
  assert.ok(!asksForMore({ metric: "grad_norm_sq", axis: "round" }));
});

test("its words come from the server and displace none that are here", () => {
  learn({ largest: { en: "largest coordinate", ru: "наибольшая координата" }, pause: { en: "no", ru: "нет" } });
  assert.equal(say("ru", "largest"), "наибольшая координата");
  assert.equal(say("en", "pause"), "Pause");
});

const empty = (run) => Object.fromEntries(Object.keys(run.columns).map((name) => [name, packed([])]));
