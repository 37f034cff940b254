// Runs as the server tells of them.

import { COLUMNS, Run } from "../../../ef21lab/web/assets/shared/runs.js";

export const packed = (numbers) => Buffer.from(Float64Array.from(numbers).buffer).toString("base64");
export const packed32 = (numbers) => Buffer.from(Float32Array.from(numbers).buffer).toString("base64");

/** News of rows from round `first` on; what is not given is 1. */
export function newsOf(gradients, { key = "a", state = "running", first = 0, every = 1, columns = {}, ...more } = {}) {
  const all = Object.fromEntries(COLUMNS.map((name) => [name, packed(columns[name] ?? gradients.map(() => 1))]));
  all.round = packed(gradients.map((_, at) => first + at * every));
  all.grad_norm_sq = packed(gradients);
  const rounds = first + gradients.length - 1;
  return { key, state, reason: null, rounds, diverged: null, snapshots: [], columns: all, errors: null, ...more };
}

/** Errors of messages, (rounds, nodes), as the server sends them. */
export const errorsOf = (rows, first = 0, every = 1) => ({
  rows: rows.length,
  nodes: rows[0].length,
  rounds: packed(rows.map((_, at) => first + at * every)),
  data: packed32(rows.flat()),
});

/** What is sent on request: columns, and what theorems say. */
export const layerOf = (columns, guarantees) => ({ columns: Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, packed(values)])), guarantees });

/** A run with these values of ‖∇f‖², one a round. */
export function runOf(gradients, { state = "done", more = null, guarantees = null, stop = 0, ...rest } = {}) {
  const run = Object.assign(new Run(rest.key ?? "a"), { stop });
  const layer = more || guarantees ? { more: layerOf(more ?? { round: [] }, guarantees ?? undefined) } : {};
  run.take(newsOf(gradients, { state, ...rest, ...layer }), state === "done" ? "end" : "delta");
  return run;
}
