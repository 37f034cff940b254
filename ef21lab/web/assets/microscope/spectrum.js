// Singular values of the unfoldings of a tensor. No DOM here.

export const LARGEST = 96; // of the shorter side of an unfolding: a longer one would keep the browser busy
const SWEEPS = 30;
const SMALL = 1e-6; // of the greatest: below it there is only the rounding of float32

/**
 * Of every mode whose side is above 1: which it is, its side, and σ_j/σ₁ of its unfolding, the greatest first. A matrix has one spectrum.
 * @param {Float32Array} values
 * @param {number[]} shape
 * @returns {{ mode: number, side: number, values: number[] }[]}
 */
export function spectraOf(values, shape) {
  const modes = shape.map((side, mode) => ({ side, mode })).filter(({ side }) => side > 1);
  return (modes.length > 2 ? modes : modes.slice(0, modes.length - 1))
    .filter(({ side }) => Math.min(side, values.length / side) <= LARGEST)
    .map(({ side, mode }) => ({ mode: mode + 1, side, values: relative(singular(unfolded(values, shape, mode))) }));
}

/** @param {number[]} values */
const relative = (values) => (values[0] > 0 ? values.map((value) => value / values[0]).filter((share) => share > SMALL) : []);

/**
 * The rows of the unfolding along a mode.
 * @param {Float32Array} values
 * @param {number[]} shape
 * @param {number} mode
 */
export function unfolded(values, shape, mode) {
  const inner = shape.slice(mode + 1).reduce((product, side) => product * side, 1);
  const length = values.length / shape[mode];
  const rowOf = (/** @type {number} */ row) =>
    Float64Array.from({ length }, (_, at) => values[(Math.floor(at / inner) * shape[mode] + row) * inner + (at % inner)]);
  return Array.from(Array(shape[mode]).keys(), rowOf);
}

/**
 * Singular values of a matrix, the greatest first: the rows of its shorter side are turned in pairs until all are orthogonal (Jacobi).
 * @param {Float64Array[]} rows
 */
export function singular(rows) {
  const turned = rows.length <= (rows[0]?.length ?? 0) ? rows.map((row) => row.slice()) : transposed(rows);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let orthogonal = true;
    for (let p = 0; p < turned.length; p++) for (let q = p + 1; q < turned.length; q++) if (turn(turned[p], turned[q])) orthogonal = false;
    if (orthogonal) break;
  }
  return turned.map((row) => Math.sqrt(dot(row, row))).sort((a, b) => b - a);
}

/** @param {Float64Array[]} rows */
const transposed = (rows) => Array.from(rows[0], (_, column) => Float64Array.from(rows, (row) => row[column]));

/** @param {Float64Array} x @param {Float64Array} y */
function dot(x, y) {
  let sum = 0;
  for (let at = 0; at < x.length; at++) sum += x[at] * y[at];
  return sum;
}

/**
 * Make two rows orthogonal by a rotation in their plane. Whether they were not.
 * @param {Float64Array} x
 * @param {Float64Array} y
 */
function turn(x, y) {
  const [xx, yy, xy] = [dot(x, x), dot(y, y), dot(x, y)];
  if (Math.abs(xy) <= 1e-14 * Math.sqrt(xx * yy)) return false;
  const zeta = (yy - xx) / (2 * xy);
  const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
  const cosine = 1 / Math.hypot(1, tangent);
  for (let at = 0; at < x.length; at++) [x[at], y[at]] = [cosine * (x[at] - tangent * y[at]), cosine * (tangent * x[at] + y[at])];
  return true;
}
