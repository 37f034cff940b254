import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { stateWords } from "../../../ef21lab/web/assets/live/cards.js";
import { FIRST, Picked } from "../../../ef21lab/web/assets/live/picked.js";
import { Racing } from "../../../ef21lab/web/assets/live/racing.js";
import { Scene } from "../../../ef21lab/web/assets/live/scene.js";
import { applies } from "../../../ef21lab/web/assets/live/toolbar.js";
import { Memory } from "../../../ef21lab/web/assets/shared/memory.js";
import { errorsOf, newsOf, runOf } from "./helpers.mjs";

const styleOf = (key, more = {}) => ({ key, place: key, label: key.toUpperCase(), color: "#0072B2", dash: "solid", dims: null, message: "v", ...more });

function picking() {
  const told = [];
  return { told, picked: new Picked((picks) => told.push(picks)) };
}

test("the page hears of a pick once it has been still, and is not believed when it gives an older one back", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { told, picked } = picking();
  picked.take({ opened: 1, view: { node: 1 } });
  picked.change({ node: 2 });
  mock.timers.tick(400);
  picked.change({ node: 3 });
  mock.timers.tick(499);
  assert.deepEqual(told, []);
  mock.timers.tick(1);
  assert.deepEqual(told, [{ ...FIRST, node: 3 }]);
  picked.change({ node: 4 });
  picked.take({ opened: 1, view: { node: 3 } });
  assert.equal(picked.picks.node, 4, "an echo");
  picked.take({ opened: 2, view: { node: 3 } });
  assert.equal(picked.picks.node, 3, "the page was opened anew");
  mock.timers.reset();
});

test("costs are drawn on a log axis unless a person says otherwise", () => {
  const { picked } = picking();
  assert.deepEqual(["floats_up", "bits_up", "bits_down", "network", "round", "seconds"].map((axis) => picked.logX(axis)), [true, true, true, true, false, false]);
  picked.change({ logX: false });
  assert.equal(picked.logX("bits_up"), false);
  picked.dispose();
});

test("what lies under the pointer is shown while it lies there, from the kept round nearest to it", () => {
  const { picked } = picking();
  const run = runOf(Array(21).fill(1), { snapshots: [0, 10, 20], errors: errorsOf(Array.from({ length: 21 }, () => [1, 1, 1])) });
  picked.take({ view: { node: 2, round: 7 } });
  assert.deepEqual(picked.message(run), { node: 2, round: 7, near: 7 });
  picked.hover({ node: 1, round: 13 }, run);
  assert.deepEqual(picked.message(run), { node: 1, round: 10, near: 13 });
  picked.hover(null, run);
  assert.deepEqual(picked.message(run), { node: 2, round: 7, near: 7 });
  picked.opened = { asked: 7, round: 10 };
  assert.deepEqual(picked.cell(run), { node: 2, round: 10 }, "the frame is around the message that is shown");
  assert.deepEqual(picked.message(undefined), { node: 0, round: null, near: 7 });
});

test("a run keeps its rows while it is away, and two contenders may be one run", () => {
  const racing = new Racing(() => {});
  racing.take([styleOf("a"), styleOf("b"), styleOf("a", { place: "c" })]);
  assert.deepEqual(racing.runs.map(({ key }) => key), ["a", "b"]);
  const [first] = racing.runs;
  first.take(newsOf([4, 2, 1]), "snapshot");
  racing.take([styleOf("b")]);
  racing.take([styleOf("b"), styleOf("a")]);
  assert.equal(racing.runs[1], first);
  assert.deepEqual(racing.shown("grad_norm_sq", { dark: false }).map(({ value }) => value), [null, 1]);
  racing.dispose();
});

test("ε is not below where the runs are to end, whatever is asked, and one that ends there is done", () => {
  const racing = new Racing(() => {});
  racing.take([styleOf("a", { stop: 0.5 }), styleOf("b", { repeat: 1, place: "a", stop: 0.5 })]);
  racing.asked = 1e-9;
  assert.equal(racing.epsilon, 0.5);
  assert.equal(racing.least, 0.5);
  const [repeats] = racing.repeats;
  repeats[0].take(newsOf([1, 0.8, 0.4], { state: "done", rounds: 9 }), "end");
  repeats[1].take(newsOf([1, 0.9, 0.7, 0.6], { state: "running", rounds: 9 }), "delta");
  assert.deepEqual(repeats.map(({ stoppedAt }) => stoppedAt), [0.5, 0]);
  assert.deepEqual(repeats.map((run) => stateWords(run, null, "en")), ["done, at its ‖∇f‖² in round 2", "round 3 of 9"]);
  racing.dispose();
});

test("a press is said until the run answers, or for a while", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  let changes = 0;
  const racing = new Racing(() => (changes += 1));
  racing.take([styleOf("a"), styleOf("b")]);
  const pending = () => racing.shown("grad_norm_sq", { dark: false }).map((one) => one.pending);
  racing.press("pause", ["a", "b"]);
  assert.deepEqual(pending(), ["pausing", "pausing"]);
  racing.runs[0].take(newsOf([1], { state: "paused" }), "state");
  racing.news(racing.runs[0]);
  assert.deepEqual(pending(), [null, "pausing"]);
  mock.timers.tick(4000);
  assert.deepEqual([pending(), changes], [[null, null], 2]);
  mock.timers.reset();
});

test("each part is told what it draws: the chosen contender's messages, everybody's curves", () => {
  const racing = new Racing(() => {});
  racing.take([styleOf("a", { dims: [2, 2] }), styleOf("b", { message: "w" })]);
  for (const run of racing.runs) run.take(newsOf([1, 0.5], { key: run.key, errors: errorsOf([[1, 1], [1, 1]]), snapshots: [0] }), "snapshot");
  const { picked } = picking();
  picked.take({ view: { contender: 1, node: 1, round: 0 } });
  racing.toggle("b");
  const data = { runs: [], metric: "grad_norm_sq", axis: "bits_up", language: "en" };
  const scene = new Scene({ data, base: "/lab", language: "en", theme: { dark: true } }, racing, picked);
  assert.deepEqual([scene.pictures.run.key, scene.pictures.message, scene.pictures.dims, scene.pictures.node, scene.pictures.round], ["b", "w", null, 1, 0]);
  assert.deepEqual([scene.errors.chosen, scene.errors.picked], [1, { node: 1, round: 0 }]);
  assert.deepEqual(scene.chart.shown.map(({ run, hidden }) => [run.key, hidden]), [["a", false], ["b", true]]);
  assert.deepEqual([scene.chart.logX, scene.chart.theory, scene.cards.called], [true, false, "‖∇f(x)‖²"]);
  assert.notEqual(scene.chart.shown[0].style.color, "#0072B2", "on a dark page lines are lighter");
  picked.take({ opened: 1, view: { contender: 9 } });
  assert.equal(new Scene({ data, base: "", language: "en", theme: { dark: false } }, racing, picked).run.key, "b", "the last there is");
  racing.dispose();
});

test("a page without runs has a scene, of nothing", () => {
  const [racing, { picked }] = [new Racing(() => {}), picking()];
  const data = { runs: [], metric: "gap", axis: "round", language: "en" };
  const scene = new Scene({ data, base: "", language: "en", theme: { dark: false } }, racing, picked);
  assert.deepEqual([scene.pictures.run, scene.pictures.round, scene.errors.runs, scene.toolbar.runs], [undefined, null, [], []]);
});

test("a command is offered in the states in which it means something", () => {
  const offered = (state) => ["pause", "resume", "step", "stop"].filter((name) => applies(name, { state, overridden: false, wish: "run" }));
  assert.deepEqual(offered("running"), ["pause", "step", "stop"]);
  assert.deepEqual(offered("paused"), ["resume", "step", "stop"]);
  assert.deepEqual([offered("failed"), offered("cancelled"), offered("done"), offered("unknown")], [["resume"], ["resume"], [], []]);
});

test("what was kept longest ago makes room", () => {
  const memory = new Memory(2);
  memory.set("a", 1);
  memory.set("b", 2);
  memory.set("a", 3);
  memory.set("c", 4);
  assert.deepEqual(["a", "b", "c"].map((name) => memory.get(name)), [3, undefined, 4]);
});

test("what a link locks stays, whatever is picked beside it", () => {
  const { picked } = picking();
  picked.take({ opened: 1, view: { goal: 1e-3, node: 2 }, locked: ["goal"] });
  picked.change({ goal: 5, node: 3 });
  assert.deepEqual([picked.picks.goal, picked.picks.node], [1e-3, 3]);
  picked.take({ opened: 2, view: { goal: 1e-2 }, locked: [] });
  picked.change({ goal: 5 });
  assert.equal(picked.picks.goal, 5);
  picked.dispose();
});
