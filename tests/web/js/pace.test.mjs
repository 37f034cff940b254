import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Pace } from "../../../ef21lab/web/assets/shared/pace.js";

function paced(began = 1000) {
  mock.timers.enable({ apis: ["setTimeout"] });
  const clock = { now: began };
  mock.method(performance, "now", () => clock.now);
  const drawn = [];
  const pace = new Pace((...parts) => drawn.push([clock.now, ...parts]));
  const pass = (milliseconds) => {
    for (let at = 0; at < milliseconds; at++) {
      clock.now += 1;
      mock.timers.tick(1);
    }
  };
  return { pace, drawn, pass };
}

const over = () => {
  mock.timers.reset();
  mock.restoreAll();
};

test("news are drawn at once after a while, and then once three times as long has passed as a drawing took", () => {
  const { pace, drawn, pass } = paced();
  pace.soon("head");
  pace.took(40);
  pace.soon("head");
  pass(60);
  pace.soon("chart");
  pass(59);
  assert.deepEqual(drawn, [[1000, "head"]]);
  pass(1);
  assert.deepEqual(drawn, [[1000, "head"], [1120, "head", "chart"]], "all that came meanwhile, together");
  pass(1000);
  pace.soon("head");
  assert.deepEqual(drawn.at(-1), [2120, "head"]);
  over();
});

test("nothing is kept for longer than half a second, however long a drawing took", () => {
  const { pace, drawn, pass } = paced();
  pace.took(9000);
  pace.soon("chart");
  pass(500);
  assert.deepEqual(drawn, [[1500, "chart"]]);
  over();
});

test("the end of all runs does not wait, and is drawn once", () => {
  const { pace, drawn, pass } = paced();
  pace.took(100);
  pace.soon("head", "chart");
  pace.now("errors");
  assert.deepEqual(drawn, [[1000, "head", "chart", "errors"]]);
  pass(1000);
  pace.now();
  assert.equal(drawn.length, 1);
  over();
});

test("what has left the page is not drawn any more", () => {
  const { pace, drawn, pass } = paced();
  pace.took(100);
  pace.soon("head");
  pace.dispose();
  pass(1000);
  assert.deepEqual(drawn, []);
  over();
});
