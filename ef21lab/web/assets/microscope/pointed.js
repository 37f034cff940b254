// What a picture says of the number that a pointer rests on: which coordinate it is, what that is called, and the number.

import { el, write } from "../shared/dom.js";
import { count, short } from "../shared/numbers.js";
import { say } from "../shared/words.js";

/** @import { Language } from "../shared/types.js" */
/** @typedef {{ values: Float32Array, start: number, rows: number, columns: number, language: Language }} Face the picture of some of the values */

/** @typedef {() => readonly string[]} Names of the coordinates, as far as they are known */

/**
 * The place, among the values, of what lies at a point of the picture; −1 where that is padding, or no part of it.
 * @param {Face} face
 * @param {number} across 0 at the left edge, 1 at the right
 * @param {number} down
 */
export function placeAt({ values, start, rows, columns }, across, down) {
  if (!(across >= 0 && across < 1 && down >= 0 && down < 1)) return -1;
  const place = start + Math.floor(down * rows) * columns + Math.floor(across * columns);
  return place < values.length ? place : -1;
}

/**
 * "coordinate 17 (mean radius): 0.031"; where no name is known, or it is a number too, without.
 * @param {Face} face
 * @param {number} place
 * @param {readonly string[]} names
 */
export function wordsOf({ values, language }, place, names) {
  const name = names[place] && names[place] !== String(place + 1) ? ` (${names[place]})` : "";
  return say(language, "coordinate", { place: `${count(language, place + 1)}${name}`, value: short(language, values[place]) });
}

/**
 * Have a canvas say what a pointer rests on, in a tip beside it.
 * @param {HTMLCanvasElement} canvas
 * @param {Names} names
 */
export function pointed(canvas, names) {
  const tip = el("div", { class: "ef21-tip", hidden: true });
  /** @type {Face | null} */
  let face = null;
  /** @type {{ x: number, y: number } | null} */
  let at = null;

  function draw() {
    const box = canvas.getBoundingClientRect();
    const place = face && at ? placeAt(face, (at.x - box.left) / box.width, (at.y - box.top) / box.height) : -1;
    tip.hidden = !face || !at || place < 0;
    if (!face || !at || tip.hidden) return;
    write(tip, wordsOf(face, place, names()));
    tip.style.top = `${at.y - box.top + canvas.offsetTop + 14}px`;
  }

  canvas.addEventListener("pointermove", ({ clientX: x, clientY: y }) => {
    at = { x, y };
    draw();
  });
  canvas.addEventListener("pointerleave", () => {
    at = null;
    draw();
  });
  return {
    tip,
    draw,
    /** @type {(shown: Face) => void} */
    show(shown) {
      face = shown;
      draw();
    },
  };
}
