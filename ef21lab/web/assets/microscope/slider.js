// A labelled range.

import { el, write } from "../shared/dom.js";

/** @typedef {ReturnType<typeof slider>} Slider */

/**
 * @param {(value: number) => void} onMove while it is dragged
 * @param {() => void} onRest when it is let go
 */
export function slider(onMove, onRest = () => {}) {
  const name = el("span");
  const output = el("output");
  const input = el("input", { type: "range", min: 0, step: 1, oninput: () => onMove(Number(input.value)), onchange: () => onRest() });
  const node = el("label", { class: "ef21-slider" }, name, input, output);
  return {
    node,
    /**
     * @param {string} label
     * @param {number} most it goes to; hidden where there is no choice
     * @param {number} value
     * @param {string} words what the value means
     */
    set(label, most, value, words) {
      node.hidden = most < 1;
      write(name, label);
      input.max = String(Math.max(0, most));
      input.value = String(value);
      input.setAttribute("aria-label", label);
      input.setAttribute("aria-valuetext", words);
      write(output, words);
    },
  };
}
