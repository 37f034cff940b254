// Notes as they are seen: words with a line to their point on the live chart, a list under it of those that found no room, and annotations of a figure.

import { el } from "../shared/dom.js";
import { anchored, placed } from "./notes.js";
import { FONT, measuredIn, wrapped } from "./print.js";

/** @import { Anchor, ChartModel, Picture, Points, Size } from "../shared/types.js" */
/** @import { Plot } from "./plotly.js" */

const LETTERS = 13; // pixels, before a model's scale
const LINE = 1.3;
const PADDING = 5;
const WIDEST = 190; // of a row of words, and at most so much of the room
const SHARE = 0.42;

/** @typedef {Anchor & { left: number, top: number, rows: string[], size: Size }} Set a note whose point lies in the room, and how its words are set */

export class Noted {
  constructor() {
    this.lines = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    this.words = el("div");
    this.node = el("div", { class: "ef21-notes" }, this.lines, this.words);
    this.list = el("ol", { class: "ef21-notelist", hidden: true });
    this.drawn = "";
  }

  /**
   * @param {Plot} plot
   * @param {Picture} picture
   * @param {ChartModel} model
   */
  draw(plot, picture, model) {
    const { area } = plot;
    const scale = model.scale ?? 1;
    const notes = area ? setIn(model, picture, area, plot, model.theme.font) : [];
    const boxes = area ? placed(notes, area, met(picture, plot, area)) : [];
    const drawn = JSON.stringify([notes, boxes, area, scale]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    if (area) Object.assign(this.node.style, { left: `${area.left}px`, top: `${area.top}px`, width: `${area.width}px`, height: `${area.height}px` });
    const left = notes.filter((_, at) => !boxes[at]);
    const number = (/** @type {Set} */ note) => String(left.indexOf(note) + 1);
    this.lines.innerHTML = notes.map((note, at) => pointer(note, boxes[at])).join("");
    this.words.replaceChildren(
      ...notes.map((note, at) => {
        const box = boxes[at] ?? { left: note.left - 9 * scale, top: note.top - 9 * scale, width: 18 * scale, height: 18 * scale };
        const node = el("div", { class: boxes[at] ? "ef21-note" : "ef21-note ef21-mark" }, ...(boxes[at] ? note.rows : [number(note)]).map((row) => el("span", {}, row)));
        const style = { left: box.left, top: box.top, width: box.width, height: box.height, fontSize: LETTERS * scale };
        for (const [name, pixels] of Object.entries(style)) node.style[/** @type {"left"} */ (name)] = `${pixels}px`;
        node.style.borderColor = note.color;
        return node;
      }),
    );
    this.list.hidden = !left.length;
    this.list.replaceChildren(...left.map(({ words }) => el("li", {}, words)));
  }
}

/**
 * The same as annotations of a figure whose plot has this size, and what found no room in it.
 * @param {Plot} plot
 * @param {Picture} picture
 * @param {ChartModel} model
 * @param {Size} room
 */
export function annotations(plot, picture, model, room) {
  const notes = setIn({ ...model, scale: 1 }, picture, room, plot, FONT);
  const boxes = placed(notes, room, met(picture, plot, room));
  const { theme } = model;
  const drawn = notes.flatMap((note, at) => {
    const box = boxes[at];
    if (!box) return [];
    return {
      ...{ xref: "x", yref: "y", x: plot.along("x", note.x), y: plot.along("y", note.y), text: note.rows.map(plain).join("<br>") },
      ...{ showarrow: true, arrowhead: 6, arrowsize: 0.8, arrowwidth: 1.2, arrowcolor: note.color, xanchor: "center", yanchor: "middle" },
      ...{ ax: box.left + box.width / 2 - note.left, ay: box.top + box.height / 2 - note.top, width: box.width - 2, height: box.height - 2 },
      ...{ align: "left", bgcolor: theme.background, bordercolor: note.color, borderpad: 0, font: { size: LETTERS, color: theme.text } },
    };
  });
  return { drawn, left: notes.filter((_, at) => !boxes[at]).map(({ words }) => words) };
}

/**
 * Those whose points lie in sight, in pixels of the room.
 * @param {Pick<ChartModel, "notes" | "axis" | "scale">} model
 * @param {Picture} picture
 * @param {Size} room
 * @param {Plot} plot
 * @param {string} family of their letters
 * @returns {Set[]}
 */
function setIn({ notes = [], axis, scale = 1 }, { curves }, room, plot, family) {
  return anchored(notes, curves, axis).flatMap((anchor) => {
    const [right, down] = [plot.shareAlong(anchor.x), plot.shareOf(anchor.y)];
    if (right === null || down === null || right < 0 || right > 1 || down < 0 || down > 1) return [];
    const size = LETTERS * scale;
    const measure = (/** @type {string} */ text) => measuredIn(`${size}px ${family}`, text);
    const rows = wrapped(anchor.words, Math.min(WIDEST * scale, SHARE * room.width), measure);
    const width = Math.max(...rows.map(measure)) + 2 * PADDING + 2;
    return { ...anchor, left: right * room.width, top: down * room.height, rows, size: { width, height: rows.length * LINE * size + 2 * PADDING } };
  });
}

/**
 * The curves that words keep clear of, in pixels of the room.
 * @param {Picture} picture
 * @param {Plot} plot
 * @param {Size} room
 * @returns {Points[]}
 */
const met = ({ curves }, plot, room) =>
  curves
    .filter(({ hidden }) => !hidden)
    .map(({ shape }) => ({
      x: shape.x.map((x) => (plot.shareAlong(x ?? NaN) ?? NaN) * room.width),
      y: shape.y.map((y) => (plot.shareOf(y ?? NaN) ?? NaN) * room.height),
    }));

/**
 * A line from the words to their point, and the point.
 * @param {Set} note
 * @param {{ left: number, top: number, width: number, height: number } | null} box
 */
function pointer({ left, top, color }, box) {
  const dot = `<circle cx="${left}" cy="${top}" r="4" fill="${color}"/>`;
  if (!box) return dot;
  const [x, y] = [Math.min(Math.max(left, box.left), box.left + box.width), Math.min(Math.max(top, box.top), box.top + box.height)];
  return `<path d="M${left} ${top}L${x} ${y}" stroke="${color}" stroke-width="1.5" fill="none"/>${dot}`;
}

/** As plotly reads it: it takes tags for tags. @param {string} row */
const plain = (row) => row.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
