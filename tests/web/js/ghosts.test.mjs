import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Ghosts } from "../../../ef21lab/web/assets/live/ghosts.js";
import { runOf } from "./helpers.mjs";

const shown = (place, run) => ({ style: { place, key: run.key, label: run.key }, run, repeats: [run], hidden: false });
const styles = (...all) => all.map(({ style }) => style);
const runs = (...all) => all.map(({ run }) => run);
const over = (key, length = 5) => runOf(Array(length).fill(1), { key });
const going = (key, length) => runOf(Array(length).fill(1), { key, state: "running" });

function changed(ghosts, before, after) {
  ghosts.supersede(before, styles(...after), runs(...after));
  return ghosts.all.map(({ run }) => run.key);
}

test("what a contender had before is its ghost; the others have none", () => {
  const [a, b, next] = [shown("a", over("a1")), shown("b", over("b1")), shown("a", going("a2", 0))];
  assert.deepEqual(changed(new Ghosts(() => {}), [a, b], [next, b]), ["a1"]);
});

test("a drag over many settings keeps the whole curve it began from, not the stubs between", () => {
  const ghosts = new Ghosts(() => {});
  const [whole, stub, next] = [shown("a", over("a1")), shown("a", going("a2", 2)), shown("a", going("a3", 0))];
  changed(ghosts, [whole], [stub]);
  assert.deepEqual(changed(ghosts, [stub], [next]), ["a1"]);
  next.run.ended = true;
  assert.deepEqual(changed(ghosts, [shown("a", over("a3"))], [shown("a", going("a4", 0))]), ["a3"]);
});

test("where nothing whole was, a stub is better than nothing", () => {
  assert.deepEqual(changed(new Ghosts(() => {}), [shown("a", going("a1", 2))], [shown("a", going("a2", 0))]), ["a1"]);
  assert.deepEqual(changed(new Ghosts(() => {}), [shown("a", going("a1", 0))], [shown("a", going("a2", 0))]), []);
});

test("a contender that leaves leaves no ghost, and a ghost that comes back is none", () => {
  const ghosts = new Ghosts(() => {});
  const [a, b] = [shown("a", over("a1")), shown("b", over("b1"))];
  assert.deepEqual(changed(ghosts, [a, b], [a]), []);
  const other = shown("a", going("a2", 1));
  assert.deepEqual(changed(ghosts, [a], [other]), ["a1"]);
  assert.deepEqual(changed(ghosts, [other], [a]), []);
});

test("ghosts stay while a run goes on and leave some seconds after the last has ended", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  let told = 0;
  const ghosts = new Ghosts(() => (told += 1));
  const [a, next] = [shown("a", over("a1")), shown("a", going("a2", 1))];
  changed(ghosts, [a], [next]);
  mock.timers.tick(60000);
  assert.equal(ghosts.all.length, 1);
  next.run.ended = true;
  ghosts.settle([next.run]);
  mock.timers.tick(7000);
  assert.equal(ghosts.all.length, 1);
  mock.timers.tick(1000);
  assert.deepEqual([ghosts.all.length, told], [0, 1]);
  mock.timers.reset();
});
