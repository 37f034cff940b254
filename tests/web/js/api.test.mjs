// What a page asks of the server is an address that any parser of addresses reads as it was meant.

import assert from "node:assert/strict";
import { test } from "node:test";

import { api } from "../../../ef21lab/web/assets/shared/api.js";

/** @param {string} address */
const read = (address) => new URL(address, "http://lab.example");

test("what is asked is read back to the letter", () => {
  const asked = { vector: '{"name": "Ж & =+#?"}', runs: "ab:1:2,cd:-1", node: 0 };
  const url = read(api("", "look", asked));
  assert.equal(url.pathname, "/api/look");
  assert.deepEqual(Object.fromEntries(url.searchParams), { ...asked, node: "0" });
});

test("what is undefined is not asked", () => {
  assert.equal(api("", "runs/ab", { more_since: undefined }), "/api/runs/ab");
});

test("a lab behind a path is asked there, however its path ends", () => {
  assert.equal(api("/lab", "events"), "/lab/api/events");
  assert.equal(api("/lab/", "events"), "/lab/api/events");
});
