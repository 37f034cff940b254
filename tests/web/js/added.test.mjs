import assert from "node:assert/strict";
import { test } from "node:test";

import { curve } from "../../../ef21lab/web/assets/chart/points.js";
import { asksForMore, captionOf, columnOf } from "../../../ef21lab/web/assets/chart/theory.js";
import { layoutOf } from "../../../ef21lab/web/assets/chart/layout.js";
import { pictureOf } from "../../../ef21lab/web/assets/chart/picture.js";
import { measured } from "../../../ef21lab/web/assets/shared/numbers.js";
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

test("accuracy comes as a share and is shown as per cent, on a linear axis from zero, with its zeros", () => {
  learn({ accuracy: { en: "accuracy on held-out rows", ru: "точность на отложенных строках" } });
  const run = runOf([1, 1, 1], { more: { round: [0, 1, 2], accuracy: [0, 0.125, 0.5] }, guarantees: { missing: {} } });
  const shown = [{ run, repeats: [run], style: { label: "A", color: "#000", dash: "solid", place: "a" }, hidden: false, pending: null, value: null }];
  const model = { shown, ghosts: [], others: [], goal: null, metric: "accuracy", axis: "round", theory: false, logX: false, whole: false, language: "en", theme: {} };
  const picture = pictureOf(model, null);
  assert.deepEqual(picture.curves[0].shape, { x: [0, 1, 2], y: [0, 12.5, 50] });
  const { yaxis } = layoutOf(model, picture, null);
  assert.deepEqual([yaxis.type, yaxis.rangemode, yaxis.title.text], ["linear", "tozero", "accuracy on held-out rows, %"]);
  assert.equal(run.last("accuracy"), 50);
  for (const language of ["en", "ru"]) assert.match(captionOf({ ...model, language })[0].words, /‖∇f‖²/);
});

test("per cent are written as each language writes them, other metrics without, and what is no number is a dash", () => {
  assert.deepEqual(["en", "ru"].map((language) => measured(language, "accuracy", 91.36)), ["91.4%", "91,4\u00a0%"]);
  assert.deepEqual([measured("en", "loss", 91.36), measured("ru", "accuracy", NaN), measured("en", "accuracy", 0)], ["91.4", "—", "0%"]);
});
