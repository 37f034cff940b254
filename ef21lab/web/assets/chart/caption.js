// The caption under the chart: what it is of where nothing else says so, and what theorems say, row by row.

import { el, swatch } from "../shared/dom.js";
import { writeDefined } from "../shared/letters.js";
import { captionOf } from "./theory.js";

/** @import { Letters } from "../shared/types.js" */
/** @import { Row } from "./theory.js" */

export class Caption {
  constructor() {
    this.node = el("div", { class: "ef21-theory", role: "note", hidden: true });
    this.written = "";
  }

  /** @param {Parameters<typeof captionOf>[0] & { letters: Letters | undefined, about?: string }} model */
  draw(model) {
    const rows = captionOf(model);
    const { about = "" } = model;
    const written = JSON.stringify([rows, about, model.letters]);
    if (written === this.written) return;
    this.written = written;
    this.node.hidden = !rows.length && !about;
    this.node.replaceChildren(...(about ? [el("p", { class: "ef21-about" }, about)] : []), ...rows.map((one) => row(one, model.letters)));
  }
}

/**
 * @param {Row} row
 * @param {Letters | undefined} letters
 */
function row({ color, dash, words }, letters) {
  const mark = swatch();
  if (color) mark.innerHTML = `<circle cx="17" cy="5" r="4" fill="${color}"/>`;
  if (dash) mark.innerHTML = `<path d="M1 5H33" fill="none" stroke="currentColor" stroke-width="1.6" stroke-dasharray="${dash}"/>`;
  const text = el("span");
  writeDefined(text, words, letters);
  return el("div", {}, mark, text);
}
