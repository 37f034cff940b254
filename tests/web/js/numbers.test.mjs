import assert from "node:assert/strict";
import { test } from "node:test";

import { count, short } from "../../../ef21lab/web/assets/shared/numbers.js";
import { filled } from "../../../ef21lab/web/assets/shared/sentences.js";
import { say, WORDS } from "../../../ef21lab/web/assets/shared/words.js";

const DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** What a number that is written means. */
function read(words, decimal) {
  const plain = words.replaceAll("−", "-").replaceAll(decimal === "," ? "\u202f" : ",", "").replace(decimal, ".");
  const power = plain.match(/(?:(.*)·)?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)$/);
  if (!power) return Number(plain);
  const exponent = [...power[2]].map((sign) => (sign === "⁻" ? "-" : DIGITS.indexOf(sign))).join("");
  return Number(`${power[1] ?? 1}e${exponent}`);
}

test("three digits of any number, read again", () => {
  for (let power = -300; power <= 300; power += 7) {
    for (const digits of [1, 1.2345, 2.5, 9.99, 9.999]) {
      const number = digits * 10 ** power;
      for (const [language, mark] of [["en", "."], ["ru", ","]]) {
        const back = read(short(language, number), mark);
        assert.ok(Math.abs(back - number) <= 0.00501 * number, `${number}: ${short(language, number)}`);
        assert.equal(short(language, -number), `−${short(language, number)}`);
      }
    }
  }
});

test("what is no number is a dash, and nothing is 0", () => {
  assert.deepEqual([null, undefined, NaN, Infinity].map((number) => short("en", number)), ["—", "—", "—", "—"]);
  assert.equal(short("ru", 0), "0");
});

test("thousands are set apart in each language's way", () => {
  assert.deepEqual([count("en", 20481), count("ru", 20481), count("en", 999), count("ru", -1234567)], ["20,481", "20\u202f481", "999", "−1\u202f234\u202f567"]);
});

test("a slot is filled by words, by a whole number in full, by another to three digits, and by about how much", () => {
  const sentence = "{name}: {n} of {all}, {some}";
  assert.equal(filled("en", sentence, { name: "{n}", n: 1234, all: 0.12345, some: { about: 1048576 } }), "{n}: 1,234 of 0.123, 1.05·10⁶");
  assert.equal(filled("en", "{missing}!", {}), "!");
});

test("every word is said in the language that is asked for", () => {
  for (const [name, { en, ru }] of Object.entries(WORDS)) {
    if (!en.includes("{")) assert.deepEqual([say("en", name), say("ru", name)], [en, ru]);
  }
  assert.equal(say("ru", "running", { round: 3, rounds: 1000 }), "раунд 3 из 1\u202f000");
});
