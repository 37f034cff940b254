import assert from "node:assert/strict";
import { test } from "node:test";

import { stateWords } from "../../../ef21lab/web/assets/live/cards.js";
import { ceilingOf, cut } from "../../../ef21lab/web/assets/chart/edge.js";
import { runOf } from "./helpers.mjs";

const doubling = (rounds) => Array.from({ length: rounds + 1 }, (_, round) => 3 * 2 ** round); // 2¹³ < 10⁴ < 2¹⁴

test("a run has diverged from the round on after which it stays above ten thousand times its start", () => {
  assert.equal(runOf(doubling(13)).divergence, null);
  assert.deepEqual(runOf(doubling(20)).divergence, { cause: "grown", round: 14, times: 2 ** 20 });
  assert.deepEqual(runOf([1, 1e5, 1, 1e5, 1e6], { every: 10 }).divergence, { cause: "grown", round: 30, times: 1e6 });
});

test("a run that comes back has not diverged, nor has one without rows, nor one that starts at rest", () => {
  assert.equal(runOf([1, 1e9, 10]).divergence, null);
  assert.equal(runOf([]).divergence, null);
  assert.equal(runOf([0, 1, 2]).divergence, null);
});

test("a run whose numbers overflowed was given up, whatever it had grown to", () => {
  assert.deepEqual(runOf([1, 2, Infinity], { diverged: 2 }).divergence, { cause: "overflow", round: 2 });
});

test("the card says in both languages how a run has diverged, and beside it where a run stands that goes on", () => {
  const grown = runOf(doubling(20));
  assert.equal(stateWords(grown, null, "en"), "diverged at round 14: ‖∇f‖² is 1.05·10⁶ times its start");
  assert.equal(stateWords(grown, null, "ru"), "разошёлся на раунде 14: ‖∇f‖² в 1,05·10⁶\u00a0раз больше начального");
  const going = runOf(doubling(20), { state: "running", rounds: 400 });
  assert.equal(stateWords(going, null, "en"), "round 20 of 400; diverged at round 14: ‖∇f‖² is 1.05·10⁶ times its start");
  assert.equal(stateWords(runOf([1, NaN], { diverged: 1 }), null, "en"), "diverged at round 1: given up, the numbers overflowed");
  assert.match(stateWords(runOf([1, NaN], { diverged: 1 }), null, "ru"), /раунде 1: счёт прекращён/);
});

test("a curve is cut where the line between its points meets the ceiling", () => {
  const { x, y, exit } = cut({ x: [0, 1, 2, 3], y: [1, 100, 10000, 1e6] }, 1e5);
  assert.deepEqual([x, y], [[0, 1, 2, 2.5], [1, 100, 10000, 1e5]]);
  assert.deepEqual(exit, { x: 2.5, y: 1e5 });
  const onLog = cut({ x: [1, 100], y: [1, 1e6] }, 1e3, { logX: true });
  assert.ok(Math.abs(onLog.exit.x - 10) < 1e-12);
});

test("a curve that comes back is drawn again from where it does, with a gap between", () => {
  const { x, y, exit } = cut({ x: [0, 2, 4], y: [1, 100, 1] }, 10);
  assert.deepEqual(x, [0, 1, 1, 3, 4]);
  assert.deepEqual(y, [1, 10, null, 10, 1]);
  assert.deepEqual(exit, { x: 1, y: 10 });
});

test("a line that comes from above enters the picture at its edge", () => {
  const { x, y, exit } = cut({ x: [1, 2, 3], y: [100, 1, 0.01] }, 10);
  assert.deepEqual([x, y], [[1.5, 2, 3], [10, 1, 0.01]]);
  assert.deepEqual(exit, { x: 1.5, y: 10 });
});

test("nothing is cut under an endless ceiling or of nothing", () => {
  assert.deepEqual(cut({ x: [0, 1], y: [1, 1e300] }, Infinity), { x: [0, 1], y: [1, 1e300], exit: null });
  assert.deepEqual(cut({ x: [], y: [] }, 10), { x: [], y: [], exit: null });
});

test("a picture holds every curve that has not diverged, and of the others what rises to ten thousand times the highest start", () => {
  const drawn = (heights, run) => ({ repeats: [run], points: { x: heights.map((_, at) => at), y: heights } });
  const [steady, gone] = [runOf([1, 1]), runOf([1, 1e9])];
  assert.equal(ceilingOf([drawn([2, 1], steady), drawn([3, 1e9], gone)]), 3e4);
  assert.equal(ceilingOf([drawn([2, 5e6, 1], steady), drawn([3, 1e9], gone)]), 5e6, "a steady run's spike is no divergence");
  assert.equal(ceilingOf([drawn([], steady)]), Infinity);
});

test("a run that ended at its own ‖∇f‖² says so, and its bar is full", () => {
  const stopped = runOf([4, 2, 1], { state: "done", rounds: 400, stop: 1.5 });
  assert.equal(stateWords(stopped, null, "en"), "done, at its ‖∇f‖² in round 2");
  assert.equal(stateWords(stopped, null, "ru"), "готово, нужное ‖∇f‖² на раунде 2");
  assert.equal(stateWords(runOf([4, 2, 1], { state: "done", rounds: 2 }), null, "en"), "done, 2 rounds");
});
