// Runs that leave: which have diverged and since when, and a curve cut at the edge of the picture. No DOM here.

export const GREW = 1e4; // times its start: ‖∇f‖² that stays above this has diverged, and a picture reaches this far above its curves' starts

/** How a run has diverged: {cause: "overflow", round}, or {cause: "grown", round, times} where ‖∇f‖² stays above GREW times its start from `round` on; else null. */
export function divergence(run) {
  if (run.diverged !== null) return { cause: "overflow", round: run.diverged };
  const { values } = run.columns.grad_norm_sq;
  const limit = GREW * values[0];
  if (!(limit > 0) || !(values.at(-1) > limit)) return null;
  let first = values.length - 1;
  while (values[first - 1] > limit) first -= 1;
  return { cause: "grown", round: run.columns.round.values[first], times: values.at(-1) / values[0] };
}

/** How high a picture reaches: all of the curves that have not diverged, and of the others as much as rises GREW times above the highest start. */
export function ceilingOf(curves) {
  const starts = curves.map(({ points }) => points.y[0] ?? 0);
  const staying = curves.filter(({ run }) => !divergence(run)).map(({ points }) => highest(points.y));
  return Math.max(GREW * Math.max(0, ...starts), ...staying) || Infinity;
}

/** The part of a curve that lies under a ceiling, cut where it crosses; parts are set apart by a null.
 *
 * `exit` is where it last rises through the ceiling, or where it enters if it only ever comes down through it; else null.
 */
export function cut({ x, y }, ceiling, { logX = false } = {}) {
  const kept = { x: [], y: [], exit: null };
  const put = (place, height) => kept.x.push(place) && kept.y.push(height);
  for (let at = 0; at < x.length; at++) {
    const [under, before] = [y[at] <= ceiling, at > 0 && y[at - 1] <= ceiling];
    if (at > 0 && under !== before) {
      const place = crossing([x[at - 1], y[at - 1]], [x[at], y[at]], ceiling, logX);
      if (before || !kept.exit) kept.exit = { x: place, y: ceiling };
      put(place, ceiling);
      if (before) put(place, null);
    }
    if (under) put(x[at], y[at]);
  }
  if (kept.y.at(-1) === null) [kept.x, kept.y] = [kept.x.slice(0, -1), kept.y.slice(0, -1)];
  return kept;
}

/** Where the line between two points, straight in log y, is at a height. */
function crossing([fromX, fromY], [toX, toY], height, logX) {
  const share = (Math.log(height) - Math.log(fromY)) / (Math.log(toY) - Math.log(fromY));
  const between = (low, high) => low + share * (high - low);
  return logX ? Math.exp(between(Math.log(fromX), Math.log(toX))) : between(fromX, toX);
}

export const highest = (values) => values.reduce((high, value) => Math.max(high, value), 0);
