// Repeats as a band: the median and two quantiles of them at every point of an axis, as ef21lab.sweeps.bands says it and why. No DOM here.

import { rowsOf } from "./points.js";

/** @import { Run } from "../shared/runs.js" */
/** @import { Along, Numbers, Points } from "../shared/types.js" */
/**
 * One repeat: whether it has ended, because it diverged, or because it came to where it was to end.
 * @typedef {{ places: Numbers, values: Numbers, end: number, over: boolean, lost: boolean, arrived: boolean }} Path
 */
/** @typedef {{ x: number[], median: number[], low: number[], high: number[] }} Band */

export const QUANTILES = /** @type {const} */ ([0.25, 0.75]);
export const MOST_PLACES = 2000; // at which a band is computed; evenly fewer where there are more records

/** Bands by the repeats they are of, until one of these has got further. @type {WeakMap<readonly Run[], Map<string, { at: string, band: Band }>>} */
const known = new WeakMap();

/**
 * The band of some repeats of column `name` against column `axis`, wherever one of them has a record, as far as all are known; empty before the first.
 *
 * At a point the value of a run is that of its last record that is not beyond the point; one that has diverged is infinite from there on, one
 * that came to where it was to end stays what it was, and neither shortens the others. While they go on, a point has what has come there so far: at least two of several.
 * @param {readonly Run[]} repeats
 * @param {{ name: string, axis: string, quantiles?: readonly [number, number], most?: number }} which
 * @returns {Band}
 */
export function bandOf(repeats, { name, axis, quantiles = QUANTILES, most = MOST_PLACES }) {
  const which = JSON.stringify([name, axis, quantiles, most]);
  const at = JSON.stringify(repeats.map((run) => [run.length, run.column(name)?.values.length, run.ended, run.diverged, axis === "network" && run.clock]));
  const bands = known.get(repeats) ?? new Map();
  known.set(repeats, bands);
  const found = bands.get(which);
  if (found?.at === at) return found.band;
  const band = computed(repeats.flatMap((run) => pathOf(run, name, axis) ?? []), quantiles, most);
  bands.set(which, { at, band });
  return band;
}

/**
 * The points of the median, or of an edge, that a chart can show.
 * @param {{ x: number[], y: number[] }} curve
 * @param {Along} along
 * @returns {Points}
 */
export function drawable({ x, y }, { logX, linear = false }) {
  const shown = x.map((_, at) => at).filter((at) => Number.isFinite(y[at]) && (linear || y[at] > 0) && !(logX && x[at] <= 0));
  return { x: shown.map((at) => x[at]), y: shown.map((at) => y[at]) };
}

/**
 * @param {Path[]} paths
 * @param {readonly [number, number]} quantiles
 * @param {number} most
 * @returns {Band}
 */
function computed(paths, quantiles, most) {
  /** @type {Band} */
  const band = { x: [], median: [], low: [], high: [] };
  if (!paths.length) return band;
  const first = Math.max(...paths.map(({ places }) => places[0]));
  const last = Math.max(first, reachOf(paths));
  const places = thinnedTo(placesOf(paths).filter((place) => first <= place && place <= last), most);
  const rows = paths.map(() => 0);
  const room = new Float64Array(paths.length);
  for (const place of places) {
    let count = 0;
    for (const [at, path] of paths.entries()) {
      while (rows[at] + 1 < path.places.length && path.places[rows[at] + 1] <= place) rows[at] += 1;
      const value = valueOf(path, rows[at], place);
      if (!Number.isNaN(value)) room[count++] = value;
    }
    if (!count) continue;
    const sorted = room.subarray(0, count).sort();
    const [under, over] = [sorted[(count - 1) >> 1], sorted[count >> 1]];
    band.x.push(place);
    band.median.push(under === over ? under : (under + over) / 2);
    band.low.push(sorted[Math.max(0, Math.ceil(quantiles[0] * count) - 1)]);
    band.high.push(sorted[Math.max(0, Math.ceil(quantiles[1] * count) - 1)]);
  }
  return band;
}

/**
 * How far along the axis a band goes: to the end of the shortest whose rounds are over, and not beyond where two of several have come; where
 * there is none but those that came to where they were to end, to the end of the last of these.
 * @param {Path[]} paths
 */
function reachOf(paths) {
  const going = paths.filter(({ lost, arrived }) => !lost && !arrived);
  const ended = paths.filter(({ lost, arrived }) => !lost && arrived);
  if (!going.length && ended.length) return Math.max(...ended.map(({ end }) => end));
  const staying = going.length ? going : paths;
  const ends = paths.map((path) => (staying.includes(path) ? path.end : Infinity)).sort((one, other) => other - one);
  return Math.min(ends[Math.min(1, ends.length - 1)], ...staying.filter(({ over }) => over).map(({ end }) => end));
}

/**
 * Where any of them has a record, ascending.
 * @param {Path[]} paths
 * @returns {number[]}
 */
function placesOf(paths) {
  const longest = paths.reduce((one, other) => (other.places.length > one.places.length ? other : one)).places;
  const alike = paths.every(({ places }) => {
    for (let at = 0; at < places.length; at++) if (places[at] !== longest[at]) return false;
    return true;
  });
  if (alike) return Array.from(longest).filter((place, at, all) => at === 0 || place !== all[at - 1]);
  return Array.from(new Set(Float64Array.from(paths.flatMap(({ places }) => Array.from(places))).sort()));
}

/**
 * Evenly as many of them, both ends among them.
 * @param {number[]} places
 * @param {number} most
 */
function thinnedTo(places, most) {
  if (places.length <= most) return places;
  return Array.from({ length: most }, (_, at) => places[Math.round((at * (places.length - 1)) / (most - 1))]);
}

/**
 * What a repeat is at a place, given its last row that is not beyond it; NaN where that is not known.
 * @param {Path} path
 * @param {number} row
 * @param {number} place
 */
function valueOf({ values, end, over, lost }, row, place) {
  if (place > end && lost) return Infinity;
  if (place > end && !over) return NaN;
  return Number.isNaN(values[row]) && lost ? Infinity : values[row];
}

/**
 * A repeat along the axis; null before its first record.
 * @param {Run} run
 * @param {string} name
 * @param {string} axis
 * @returns {Path | null}
 */
function pathOf(run, name, axis) {
  const [source, along] = [run.column(name), run.column(axis)];
  if (!source?.values.length || !along) return null;
  const common = { over: run.ended, lost: run.diverged !== null, arrived: run.stoppedAt > 0 };
  if (source.rounds === along.rounds) return { ...common, places: along.values, values: source.values, end: along.values[along.values.length - 1] };
  const at = rowsOf(source.rounds, along.rounds);
  const rows = Array.from(source.values, (_, row) => at(row)).filter((row) => row !== undefined);
  if (!rows.length) return null;
  const places = rows.map((row) => along.values[row]);
  return { ...common, places, values: source.values, end: places[places.length - 1] };
}
