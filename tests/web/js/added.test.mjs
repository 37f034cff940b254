import assert from "node:assert/strict";
import { test } from "node:test";

import { curve } from "../../../ef21lab/web/assets/chart/points.js";
import { asksForMore, columnOf } from "../../../ef21lab/web/assets/chart/theory.js";
import { learn, say } from "../../../ef21lab/web/assets/shared/words.js";
import { layerOf, newsOf, runOf } from "./helpers.mjs";

test("a metric that was added comes with the layer, grows with it, and is drawn under its own name", () => {
  const run = runOf([1, 1], { state: "running" });
  assert.equal(run.column("largest"), null);
  run.take(newsOf([], { first: 2, more: layerOf({ round: [0, 1], largest: [7, 5] }, { missing: {} }) }), "delta");
  run.take(newsOf([1, 1], { first: 2, state: "done", more: layerOf({ round: [1, 2, 3], largest: [5, 4, 3] }) }), "end");
  assert.deepEqual([...run.column(columnOf("largest")).values], [7, 5, 4, 3]);
  assert.deepEqual(curve(run, { axis: "round", logX: false, name: "largest" }), { x: [0, 1, 2, 3], y: [7, 5, 4, 3] });
  assert.ok(asksForMore({ metric: "largest", axis: "round" }));
  assert.ok(!asksForMore({ metric: "grad_norm_sq", axis: "round" }));
});

test("its words come from the server and displace none that are here", () => {
  learn({ largest: { en: "largest coordinate", ru: "наибольшая координата" }, pause: { en: "no", ru: "нет" } });
  assert.equal(say("ru", "largest"), "наибольшая координата");
  assert.equal(say("en", "pause"), "Pause");
});
