// The heatmap on its canvas: cells, axes, the bar of colours, and marks.

import { css } from "../shared/colors.js";
import { el, put } from "../shared/dom.js";
import { count } from "../shared/numbers.js";
import { say } from "../shared/words.js";
import { ticksOf } from "./errorscale.js";
import { LEFT, RIGHT, ticks, TOP } from "./grid.js";
import { colorAt, errorPixels } from "./image.js";

/** @import { Run } from "../shared/runs.js" */
/** @import { Cell, Language, Scale, Theme } from "../shared/types.js" */
/** @import { Grid } from "./grid.js" */
/** @import { Errors } from "./image.js" */
/**
 * What the rows stand for: where their errors are, what they and a cell are called, the number of the first.
 * @typedef {{ of: (run: Run) => Errors, axis: string, cell: string, title: string, first: number }} Rows
 */
/** @typedef {{ run: Run | undefined, scale: Scale | null, theme: Theme, language: Language, picked: { node: number, round: number | null } }} HeatmapModel */

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Grid} grid
 * @param {HeatmapModel} model
 * @param {Cell | null} cursor the cell that the keys have come to
 * @param {Rows} rows
 */
export function paint(context, grid, model, cursor, rows) {
  context.font = `12px ${model.theme.font}`;
  cells(context, grid, model, rows);
  axes(context, grid, model, rows);
  bar(context, grid, model);
  marks(context, grid, model, cursor);
}

/** @type {(context: CanvasRenderingContext2D, grid: Grid, model: HeatmapModel, rows: Rows) => void} */
function cells(context, { width, height, rounds }, { run, scale, theme, language }, { of }) {
  if (!(Math.round(width) > 0)) return; // a view that is leaving the page has no width
  context.fillStyle = theme.panel;
  context.fillRect(LEFT, TOP, width, height);
  if (!run?.errors.rounds.length) {
    context.fillStyle = theme.muted;
    context.textAlign = "center";
    context.fillText(say(language, "noErrorsYet"), LEFT + width / 2, TOP + height / 2);
    return;
  }
  const columns = Math.min(Math.round(width), rounds);
  const image = el("canvas");
  put(image, errorPixels(run, scale, rounds, columns, of(run)), columns);
  context.imageSmoothingEnabled = false;
  context.drawImage(image, LEFT, TOP, width, height);
}

/** @type {(context: CanvasRenderingContext2D, grid: Grid, model: HeatmapModel, rows: Rows) => void} */
function axes(context, grid, { theme, language }, { axis, first }) {
  const { width, height } = grid;
  context.fillStyle = theme.muted;
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const node of ticks(grid.nodes - 1, Math.floor(height / 24))) context.fillText(String(first + node), LEFT - 7, grid.y(node));
  context.textBaseline = "top";
  for (const round of ticks(grid.rounds - 1, Math.floor(width / 70))) {
    context.textAlign = round === 0 ? "left" : "center";
    context.fillText(count(language, round), grid.x(round), TOP + height + 9);
  }
  context.fillStyle = theme.text;
  context.textAlign = "center";
  context.fillText(say(language, "roundAxis"), LEFT + width / 2, TOP + height + 25);
  context.save();
  context.translate(4, TOP + height / 2);
  context.rotate(-Math.PI / 2);
  context.fillText(say(language, axis), 0, 0);
  context.restore();
}

/** @type {(context: CanvasRenderingContext2D, grid: Grid, model: HeatmapModel) => void} */
function bar(context, { height, whole }, { scale, theme, language }) {
  if (!scale) return;
  const left = whole.width - RIGHT + 14;
  for (let y = 0; y < height; y++) {
    context.fillStyle = css(colorAt(1 - y / (height - 1)));
    context.fillRect(left, TOP + y, 10, 1.5);
  }
  context.fillStyle = theme.muted;
  context.textAlign = "left";
  context.textBaseline = "middle";
  for (const { place, words } of ticksOf(scale, language)) context.fillText(words, left + 14, TOP + 5 + (1 - place) * (height - 10));
}

/** @type {(context: CanvasRenderingContext2D, grid: Grid, model: HeatmapModel, cursor: Cell | null) => void} */
function marks(context, grid, { run, picked, theme }, cursor) {
  if (!run) return;
  context.fillStyle = theme.muted;
  for (const round of run.snapshots) context.fillRect(grid.x(round) - 0.5, TOP + grid.height + 2, 1, 4);
  if (picked.round !== null) outline(context, grid.frame({ node: picked.node, round: picked.round }), []);
  if (cursor) outline(context, grid.frame(cursor), [3, 2]);
}

/** @type {(context: CanvasRenderingContext2D, frame: [number, number, number, number], dashes: number[]) => void} */
function outline(context, frame, dashes) {
  stroke("#000", 3, []);
  stroke("#fff", 1.5, dashes);
  context.setLineDash([]);

  /** @type {(color: string, width: number, dash: number[]) => void} */
  function stroke(color, width, dash) {
    context.strokeStyle = color;
    context.lineWidth = width;
    context.setLineDash(dash);
    context.strokeRect(...frame);
  }
}
