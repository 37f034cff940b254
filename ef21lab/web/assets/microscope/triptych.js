// Three folded pictures side by side on one colour scale: what was wanted, what was received, and the error.

import { signedGradient } from "../shared/colors.js";
import { el, put, write } from "../shared/dom.js";
import { short } from "../shared/numbers.js";
import { say } from "../shared/words.js";
import { face, isBlank, norm, PARTS, signedPixels } from "./folded.js";
import { pointed } from "./pointed.js";

/** @import { Face, Names } from "./pointed.js" */
/** @import { Folded, Language, Theme } from "../shared/types.js" */
/** @typedef {{ wanted: string, received: string, error: string }} Captions */

export class Triptych {
  /** @param {Names} names */
  constructor(names) {
    this.views = { wanted: picture("wanted", names), received: picture("received", names), error: picture("error", names) };
    this.bar = el("div", { class: "ef21-signed" });
    this.limits = [el("span"), el("span"), el("span")];
    this.node = el("div", { class: "ef21-triptych" }, ...PARTS.map((part) => this.views[part].node));
    this.scale = el("div", { class: "ef21-scale" }, this.bar, el("div", { class: "ef21-limits" }, ...this.limits));
  }

  /**
   * @param {Folded} message
   * @param {{ dims: number[], slice: number, theme: Theme, language: Language, captions: Captions }} how `slice` counts faces of dims
   */
  show(message, { dims, slice, theme, language, captions }) {
    const [rows, columns] = face(dims);
    const how = { start: slice * rows * columns, cells: rows * columns, largest: message.largest, dark: theme.dark };
    for (const part of PARTS) {
      this.views[part].show(signedPixels(message[part], how), { values: message[part], start: how.start, rows, columns, language });
      const blank = isBlank(message[part], how) ? say(language, part === "received" ? "nothingArrived" : "allZero") : "";
      this.views[part].say(captions[part], `‖·‖ = ${short(language, norm(message[part]))}`, blank);
    }
    this.bar.style.background = signedGradient(theme.dark);
    [-message.largest, 0, message.largest].forEach((value, at) => write(this.limits[at], short(language, value)));
  }

  /** The coordinates are called otherwise than before. */
  renamed() {
    for (const part of PARTS) this.views[part].renamed();
  }
}

/**
 * @param {string} part
 * @param {Names} names
 */
function picture(part, names) {
  const canvas = el("canvas", { role: "img" });
  const [name, size, none] = [el("span"), el("span", { class: "ef21-norm" }), el("span", { class: "ef21-blank", hidden: true })];
  const pointer = pointed(canvas, names);
  return {
    node: el("figure", { class: `ef21-picture ef21-${part}` }, el("figcaption", {}, name, size), canvas, none, pointer.tip),
    renamed: pointer.draw,
    /** @type {(pixels: Uint32Array, shown: Face) => void} */
    show(pixels, shown) {
      canvas.style.aspectRatio = String(Math.min(3.2, Math.max(0.7, shown.columns / shown.rows)));
      put(canvas, pixels, shown.columns);
      pointer.show(shown);
    },
    /** @type {(caption: string, magnitude: string, blank: string) => void} */
    say(caption, magnitude, blank) {
      write(name, caption);
      write(size, magnitude);
      write(none, blank);
      none.hidden = !blank;
      canvas.setAttribute("aria-label", [caption, magnitude, blank].filter(Boolean).join(", "));
    },
  };
}
