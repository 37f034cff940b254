import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Frame } from "../../../ef21lab/web/assets/shared/frame.js";

let frames = [];
const pass = () => frames.splice(0).forEach((act) => act());
const drawnBy = (...first) => {
  const drawn = [];
  return [new Frame((parts) => drawn.push([...parts].sort().join()), first), drawn];
};

beforeEach(() => {
  frames = [];
  globalThis.requestAnimationFrame = (act) => frames.push(act);
});

test("whatever is asked for within a frame is drawn once", () => {
  const [frame, drawn] = drawnBy();
  frame.soon("a", "b");
  frame.soon("b", "c");
  assert.deepEqual([frames.length, drawn], [1, []]);
  pass();
  pass();
  assert.deepEqual(drawn, ["a,b,c"]);
});

test("what comes first is drawn a frame before what is asked for with it, and nothing waits longer than that", () => {
  const [frame, drawn] = drawnBy("a");
  frame.soon("a", "b", "c");
  pass();
  frame.soon("a", "d");
  assert.equal(frames.length, 1);
  pass();
  assert.deepEqual(drawn, ["a", "a,b,c,d"]);
  frame.soon("b");
  pass();
  frame.soon("a");
  pass();
  assert.deepEqual([drawn.slice(2), frames], [["b", "a"], []]);
});
