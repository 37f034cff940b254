import assert from "node:assert/strict";
import { test } from "node:test";

import { valuesAt } from "../../../ef21lab/web/assets/chart/cursor.js";
import { decadesApart, layoutOf } from "../../../ef21lab/web/assets/chart/layout.js";
import { decadesOf, edgeOf, pictureOf } from "../../../ef21lab/web/assets/chart/picture.js";
import { lasting, tracesOf } from "../../../ef21lab/web/assets/chart/traces.js";
import { runOf } from "./helpers.mjs";

const THEME = { dark: false, background: "#ffffff", text: "#000000", font: "f", faint: "x", muted: "x", grid: "x", panel: "x" };
const LABELS = "ABCDEF";
const shownOf = (run, at, more = {}) => ({ style: { label: LABELS[at], color: "#0072B2", dash: "solid" }, run, repeats: [run], hidden: false, pending: null, value: null, ...more });
const modelOf = (runs, more = {}) => ({
  shown: runs.map((run, at) => shownOf(run, at)),
  ghosts: [],
  others: [],
  goal: null,
  metric: "grad_norm_sq",
  axis: "round",
  logX: false,
  whole: false,
  theory: false,
  language: "en",
  theme: THEME,
  ...more,
});
const geometric = (first, factor, rounds, more = {}) => runOf(Array.from({ length: rounds + 1 }, (_, round) => first * factor ** round), more);

test("a curve is drawn from its first round to its last, and its head is its end", () => {
  const model = modelOf([geometric(1, 0.5, 10)]);
  const [line, head] = tracesOf(pictureOf(model, null), model);
  assert.deepEqual([line.x.length, line.x[0], line.x.at(-1), line.y.at(-1)], [11, 0, 10, 2 ** -10]);
  assert.deepEqual([head.x, head.y, head.marker.symbol], [[10], [2 ** -10], "circle"]);
});

test("steps that are not the best are one faint trace for each contender, in it every run whole and set apart by a gap", () => {
  const faint = (at, color, rounds) => ({ ...shownOf(geometric(1, 0.5, rounds), at), style: { label: LABELS[at], color, dash: "dash" } });
  const model = modelOf([geometric(1, 0.5, 4)], { others: [faint(1, "#111111", 1), faint(2, "#222222", 1), faint(3, "#111111", 2), faint(4, "#111111", -1)] });
  const [one, two, best] = tracesOf(pictureOf(model, null), model);
  assert.deepEqual([one.y, two.y], [[1, 0.5, null, 1, 0.5, 0.25], [1, 0.5]]);
  assert.deepEqual([one.x.slice(0, 2), one.x.slice(3), one.x.length], [[0, 1], [0, 1, 2], 6]);
  assert.deepEqual([one, two].map(({ name, opacity, line }) => [name, opacity, line.color, line.dash]), [["B; D", 0.22, "#111111", "solid"], ["C", 0.22, "#222222", "solid"]]);
  assert.equal(best.opacity, 1);
});

test("a curve that leaves ends at an arrow on the edge; the whole picture has it all", () => {
  const model = modelOf([geometric(1, 10, 20), geometric(1, 0.5, 20)]);
  const picture = pictureOf(model, null);
  const [line, head] = tracesOf(picture, model);
  assert.equal(edgeOf(picture), 1e4);
  assert.equal(Math.round(line.y.at(-1)), 1e4);
  assert.deepEqual([head.x[0], head.y[0], head.marker.symbol], [line.x.at(-1), line.y.at(-1), "triangle-up"]);
  const whole = pictureOf({ ...model, whole: true }, null);
  assert.deepEqual([edgeOf(whole), Math.log10(tracesOf(whole, model)[0].y.at(-1))], [undefined, 20]);
});

test("a hidden curve is drawn invisible, and moves neither edge nor ticks", () => {
  const model = modelOf([geometric(1, 10, 20), geometric(1, 0.5, 20)]);
  model.shown[0].hidden = true;
  const picture = pictureOf(model, null);
  assert.deepEqual([edgeOf(picture), Math.round(10 * decadesOf(picture))], [undefined, 60]);
  assert.deepEqual(tracesOf(picture, model).map(({ visible }) => visible), [false, false, true, true]);
});

test("a line of theory far above its curve is cut where the curve keeps its shape, never below thrice its own lowest point", () => {
  const [mean, more] = [[1, 1, 1], { round: [0, 1, 2], mean: [1, 0.5, 0.25], mean_line: [1e9, 1e6, 10] }];
  const run = runOf(mean, { more, guarantees: { missing: {}, level: null, expected: false, floor: null, why: null } });
  const picture = pictureOf(modelOf([run], { metric: "mean", theory: true }), null);
  const [{ shape, exit }] = picture.lines;
  assert.ok(Math.max(...shape.y) <= 1e3 + 1e-9 && Math.max(...shape.y) >= 30);
  assert.deepEqual([shape.x.at(-1), shape.y.at(-1)], [2, 10]);
  assert.ok(exit.x > 1 && exit.x < 2);
});

test("what is taken home has no curve that was, and no dots", () => {
  const model = modelOf([geometric(1, 10, 20), geometric(1, 0.5, 20)], { ghosts: [shownOf(geometric(1, 0.9, 5), 2)] });
  const picture = pictureOf(model, null);
  assert.equal(tracesOf(picture, model).length, 5);
  assert.deepEqual(lasting(picture, model).map(({ name, mode }) => `${name} ${mode}`), ["A lines", "A markers", "B lines"]);
});

test("of messages the band goes from the least to the greatest, on a linear scale", () => {
  const more = { round: [0, 1], least: [0.1, 0], median: [0.5, 0.25], greatest: [0.9, 0.8] };
  const model = modelOf([runOf([1, 1], { more })], { metric: "contraction" });
  const picture = pictureOf(model, null);
  const [line, , least, greatest] = tracesOf(picture, model);
  assert.deepEqual([line.y, least.y, greatest.y], [[0.5, 0.25], [0.1, 0], [0.9, 0.8]]);
  assert.equal(greatest.fillcolor, "rgba(0,114,178,0.16)");
  assert.equal(layoutOf(model, picture, null).yaxis.type, "linear");
});

test("axes say what they show, on which scale, in the reader's language and marks", () => {
  const model = modelOf([geometric(1, 0.5, 10)], { axis: "bits_up", logX: true, language: "ru" });
  const { xaxis, yaxis, separators } = layoutOf(model, pictureOf(model, null), null);
  assert.deepEqual([xaxis.title.text, xaxis.type, yaxis.title.text, yaxis.type], ["отправлено бит на узел, лог. шкала", "log", "‖∇f(x)‖², лог. шкала", "log"]);
  assert.equal(separators[0], ",");
});

test("a zoom is kept by another row of the same curve, and given up with another axis", () => {
  const revision = (more) => {
    const model = modelOf([geometric(1, 0.5, 10)], more);
    return layoutOf(model, pictureOf(model, null), null).uirevision;
  };
  assert.equal(revision({}), revision({ theory: true, whole: true, language: "ru" }));
  assert.equal(new Set([revision({}), revision({ axis: "bits_up" }), revision({ metric: "distortion" }), revision({ logX: true })]).size, 4);
});

test("ticks are whole decades over many, 1, 2 and 5 over a few", () => {
  assert.deepEqual([25, 9, 2.3, 2, 1, 0.5].map(decadesApart), [3, 1, 1, "D2", "D2", undefined]);
});

test("the cursor tells the highest first; nothing beyond a curve's end, and that it overflowed", () => {
  const [steady, gone] = [geometric(1, 0.5, 10), geometric(1, 10, 5, { diverged: 5 })];
  const { curves } = pictureOf(modelOf([steady, gone]), null);
  assert.deepEqual(valuesAt(curves, 3).map(({ style }) => style.label), ["B", "A"]);
  const [whole, left] = valuesAt(curves, 8);
  assert.ok(Math.abs(whole.value - 2 ** -8) < 1e-15);
  assert.deepEqual([whole.gone, left.style.label, left.value, left.gone], [false, "B", null, true]);
});
