// How a run ends before its rounds are over: it diverges, or comes to where it was to end. No DOM here.

/** @import { Run } from "./runs.js" */
/** @import { Cause } from "./types.js" */

export const GREW = 1e4; // times its start: ‖∇f‖² that stays above this has diverged, and a picture reaches this far above its curves' starts

/**
 * How a run has diverged: its numbers overflowed, or ‖∇f‖² stays above GREW times its start from `round` on; else null.
 * @param {Run} run
 * @returns {Cause | null}
 */
export function divergence({ diverged, columns }) {
  if (diverged !== null) return { cause: "overflow", round: diverged };
  const { values } = columns.grad_norm_sq;
  const limit = GREW * values[0];
  const end = values[values.length - 1];
  if (!(limit > 0) || !(end > limit)) return null;
  let first = values.length - 1;
  while (values[first - 1] > limit) first -= 1;
  return { cause: "grown", round: columns.round.values[first], times: end / values[0] };
}

/**
 * The ‖∇f‖² at which a run was to end, where it has ended there: what it would have come to below that is not known; else 0.
 * @param {Run} run
 */
export function stoppedAt({ ended, state, stop, columns }) {
  const end = columns.grad_norm_sq.last;
  return ended && state === "done" && end !== undefined && end <= stop ? stop : 0;
}
