import assert from "node:assert/strict";
import { test } from "node:test";

import { asksForMore, captionOf, columnOf, lineOf, nameOf } from "../../../ef21lab/web/assets/chart/theory.js";
import { runOf } from "./helpers.mjs";

const along = { axis: "round", logX: false };
const WHY = { en: "no μ", ru: "нет μ" };
const saidOf = (more = {}) => ({ missing: {}, level: null, expected: false, floor: null, why: null, ...more });
const shownOf = (run, label = "A", more = {}) => ({ style: { label, color: "#0072B2" }, run, repeats: [run], hidden: false, ...more });
const words = (rows) => rows.map((row) => row.words);
const caption = (shown, metric, theory = true, language = "en") => words(captionOf({ shown, metric, theory, language }));

test("every metric draws its own column, that of messages the median over the nodes", () => {
  assert.deepEqual(["grad_norm_sq", "gap", "mean", "psi", "tight", "distortion"].map(columnOf), ["grad_norm_sq", "gap", "mean", "psi", "tight", "distortion"]);
  assert.equal(columnOf("contraction"), "median");
});

test("the height of f is the server's column and no difference of losses made here", () => {
  const run = runOf([1, 1, 1], { columns: { loss: [9, 5, 4] }, more: { round: [0, 1, 2], gap: [8.5, 4.5, 3.5] } });
  assert.deepEqual([...run.column(columnOf("gap")).values], [8.5, 4.5, 3.5]);
  assert.equal(run.last(columnOf("gap")), 3.5);
});

test("a line is the line of its own metric, and of a level the level from end to end", () => {
  const more = { round: [0, 1, 2], mean: [3, 2, 1], mean_line: [NaN, 6, 3], psi_line: [8, 4, 2], median: [0.5, 0.25, 0.125] };
  const run = runOf([4, 2, 1], { more, guarantees: saidOf({ level: 0.75 }) });
  assert.deepEqual(lineOf([run], along, "mean"), { x: [1, 2], y: [6, 3] });
  assert.deepEqual(lineOf([run], along, "psi"), { x: [0, 1, 2], y: [8, 4, 2] });
  assert.deepEqual(lineOf([run], { ...along, linear: true }, "contraction"), { x: [0, 2], y: [0.75, 0.75] });
  assert.deepEqual(lineOf([run], along, "grad_norm_sq"), { x: [], y: [] });
  assert.deepEqual(lineOf([runOf([4, 2], { more: { round: [0], median: [0.5] }, guarantees: saidOf() })], along, "contraction"), { x: [], y: [] });
});

test("where a repeat has come to where it was to end, it is said what it counts with from there on", () => {
  const ended = runOf([1, 0.1], { stop: 0.5 });
  const told = (repeats) => caption([shownOf(repeats[0], "A", { repeats })], "grad_norm_sq", false);
  assert.equal(told([ended, runOf([1, 0.9])]).filter((one) => one.startsWith("a repeat that has come")).length, 1);
  assert.equal(told([runOf([1, 0.8]), runOf([1, 0.9])]).length, 1);
  assert.deepEqual(told([ended]), []);
});

test("what is drawn of the layer is asked for, and nothing else", () => {
  const asks = (metric, axis, theory) => asksForMore({ metric, axis, theory });
  assert.deepEqual(["gap", "mean", "psi", "tight", "contraction"].map((metric) => asks(metric, "round")), [true, true, true, true, true]);
  assert.deepEqual([asks("distortion", "bits_down", true), asks("grad_norm_sq", "round", true)], [true, true]);
  assert.deepEqual(["floats_up", "bits_down", "seconds", "network"].map((axis) => asks("grad_norm_sq", axis)), [false, false, false, false]);
});

test("f is said to be above f* only where f* was found", () => {
  const found = shownOf(runOf([1], { guarantees: saidOf({ floor: { level: 0.5, within: 1e-12 } }) }));
  const bound = shownOf(runOf([1], { guarantees: saidOf({ floor: { level: 0, within: null } }) }));
  assert.equal(nameOf("gap", [found], "en"), "f(x) − f*");
  assert.equal(nameOf("gap", [bound], "en"), "f(x) − lower bound of f");
  assert.equal(nameOf("gap", [shownOf(runOf([1]))], "en"), "f(x) above f* or its lower bound");
  assert.match(caption([found], "gap", false)[0], /within 10⁻¹²/);
  assert.match(caption([bound], "gap", false)[0], /^f\* is not known for certain/);
});

test("floors that differ are told apart by whose they are, one that is shared is told once", () => {
  const floor = (level) => saidOf({ floor: { level, within: null } });
  const [a, b] = [shownOf(runOf([1], { guarantees: floor(0.25) }), "A"), shownOf(runOf([1], { guarantees: floor(0.25) }), "B")];
  assert.equal(caption([a, b], "gap", false).length, 1);
  const c = shownOf(runOf([1], { guarantees: floor(0.5) }), "C");
  assert.deepEqual(caption([a, b, c], "gap", false).map((row) => row.split(":")[0]), ["A; B", "C"]);
});

test("a run without a line says why, in the reader's language, and one that is hidden says nothing", () => {
  const without = runOf([1], { guarantees: saidOf({ missing: { psi: WHY } }) });
  assert.deepEqual(caption([shownOf(without)], "psi"), ["A: no guarantee, no μ"]);
  assert.deepEqual(caption([shownOf(without)], "psi", true, "ru"), ["A: гарантии нет: нет μ"]);
  assert.deepEqual(caption([shownOf(without)], "psi", false), ["A: no μ"]);
  assert.deepEqual(caption([shownOf(without, "A", { hidden: true })], "psi"), []);
  const held = shownOf(runOf([1], { guarantees: saidOf({ expected: true }) }), "B");
  assert.deepEqual(caption([held], "psi"), ["upper bound from the theorem", "in expectation over what is drawn at random: B"]);
});

test("a metric without a theorem says which to choose; one that waits says for what", () => {
  const waiting = runOf([1], { state: "running" });
  waiting.asked = true;
  assert.match(caption([shownOf(waiting)], "grad_norm_sq")[0], /choose the running mean/);
  assert.deepEqual(caption([shownOf(waiting)], "psi"), ["looking up what theorems say…"]);
  assert.deepEqual(caption([shownOf(waiting)], "gap", false), ["looking for f*…"]);
});
