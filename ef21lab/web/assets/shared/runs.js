// What the browser knows of one run, and the curves drawn of it. No DOM here.

const COLUMNS = ["round", "loss", "grad_norm_sq", "distortion", "bits_up", "floats_up", "seconds"];
const LAYER = ["round", "bits_down", "least", "median", "greatest"];
const LINES = ["gap", "mean", "mean_line", "psi", "psi_line", "tight", "tight_line", "distortion_line"]; // each where it is known, and metrics that were added
const ENDED = new Set(["done", "failed", "cancelled", "unknown"]);
const MOST_POINTS = 600;

/** One run: columns and error levels that grow, and its latest state. */
export class Run {
  constructor(key) {
    this.key = key;
    this.columns = Object.fromEntries(COLUMNS.map((name) => [name, new Column()]));
    this.more = Object.fromEntries([...LAYER, ...LINES].map((name) => [name, new Column()]));
    this.said = null; // what theorems say of the run, once it has come: {missing: {statement: reason}, level, expected, floor: {level, within}}
    this.asked = false; // for the layer
    this.errors = { rounds: new Column(), nodes: 0, relative: new Column(Float32Array) }; // nan where nothing was sent
    this.snapshots = [];
    this.state = "waiting";
    this.reason = null;
    this.rounds = 0;
    this.diverged = null;
    this.ended = false;
    this.wanted = 0; // how many pages wish it to go on
    this.wish = "run"; // what this page wishes of it: "run", "pause" or "stop"
  }

  get length() {
    return this.columns.round.length;
  }

  get head() {
    return this.columns.round.last ?? -1;
  }

  /** Whether it goes on for others though this page has paused or stopped it. */
  get overridden() {
    return this.wish !== "run" && this.wanted > 0 && (this.state === "running" || this.state === "queued");
  }

  /** Where the next stream must go on from: rows, errors, and the layer where it is asked for. */
  get cursor() {
    const places = [this.head, this.errors.rounds.last ?? -1, ...(this.asked ? [this.more.round.last ?? -1] : [])];
    return [this.key, ...places].join(":");
  }

  /** Whether nothing more will come of what was asked for. */
  get settled() {
    return this.ended && (!this.asked || this.state === "unknown" || (this.more.round.last ?? -1) >= this.head);
  }

  /** The values of a column, and the rows of the run they belong to where those are not simply all; null where it is not known. */
  column(name) {
    if (this.columns[name]) return { values: this.columns[name].values, rounds: this.columns.round.values };
    const values = this.more[name]?.values;
    return values?.length ? { values, rounds: this.more.round.values } : null;
  }

  /** The latest value of a column. */
  last(name) {
    return this.column(name)?.values.at(-1);
  }

  /** Add what the server sent; rows that are here already are passed over. */
  take(news, kind) {
    this.state = news.state;
    this.reason = news.reason;
    this.rounds = news.rounds;
    this.wanted = news.wanted ?? 0;
    this.diverged = news.diverged;
    this.snapshots = news.snapshots;
    this.ended = kind === "end" || (kind === "poll" && ENDED.has(news.state));
    this.#takeRows(news.columns);
    this.#takeErrors(news.errors);
    if (news.more) this.#takeMore(news.more);
  }

  #takeMore({ said, columns }) {
    this.said = said ?? this.said;
    const fresh = firstAfter(numbers(columns.round), this.more.round.last ?? -1);
    for (const name of Object.keys(columns)) (this.more[name] ??= new Column()).push(numbers(columns[name]).subarray(fresh));
  }

  #takeRows(columns) {
    const rounds = numbers(columns.round);
    const fresh = firstAfter(rounds, this.head);
    for (const name of COLUMNS) this.columns[name].push(numbers(columns[name]).subarray(fresh));
  }

  #takeErrors(errors) {
    if (!errors?.rows) return;
    const rounds = numbers(errors.rounds);
    const fresh = firstAfter(rounds, this.errors.rounds.last ?? -1);
    this.errors.nodes = errors.nodes;
    this.errors.rounds.push(rounds.subarray(fresh));
    this.errors.relative.push(new Float32Array(bytes(errors.data).buffer).subarray(fresh * errors.nodes));
  }

  /** The kept round nearest to a round; null where none is. */
  keptNear(round) {
    const after = firstAfter(this.snapshots, round);
    const [low, high] = [this.snapshots[Math.max(0, after - 1)], this.snapshots[Math.min(after, this.snapshots.length - 1)]];
    return this.snapshots.length ? (Math.abs(low - round) <= Math.abs(high - round) ? low : high) : null;
  }

  /** The round whose message is shown for a chosen one: the recorded one at that place, or, while the run has not come there, the nearest kept one. */
  messageAt(round) {
    if (round === null) return this.snapshots.at(-1) ?? null;
    if (this.snapshots.includes(round)) return round;
    return round <= (this.errors.rounds.last ?? -1) ? this.errors.rounds.values[this.rowAt(round)] : this.keptNear(round);
  }

  /** The row that was current at a round: the last one not after it; −1 before the first. */
  rowAt(round) {
    return firstAfter(this.errors.rounds.values, round) - 1;
  }
}

/** A typed array that grows by doubling. */
class Column {
  constructor(Kind = Float64Array) {
    this.store = new Kind(256);
    this.length = 0;
  }

  get values() {
    return this.store.subarray(0, this.length);
  }

  get last() {
    return this.length ? this.store[this.length - 1] : undefined;
  }

  push(more) {
    if (this.length + more.length > this.store.length) {
      const grown = new this.store.constructor(2 * (this.length + more.length));
      grown.set(this.values);
      this.store = grown;
    }
    this.store.set(more, this.length);
    this.length += more.length;
  }
}

/** base64 → bytes. */
export function bytes(text) {
  const raw = atob(text);
  const out = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; at++) out[at] = raw.charCodeAt(at);
  return out;
}

const numbers = (text) => new Float64Array(bytes(text).buffer);

/** The index of the first of ascending values that is greater than `limit`. */
export function firstAfter(values, limit) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The points of column `name` against column `axis` that a chart can show: finite; positive unless the scale is `linear`. */
export function curve(run, { name, axis, logX, linear = false }) {
  const [source, along] = [run.column(name), run.column(axis)];
  const x = [];
  const y = [];
  if (!source || !along) return { x, y };
  const at = source.rounds === along.rounds ? (row) => row : rowsOf(source.rounds, along.rounds);
  for (let row = 0; row < source.values.length; row++) {
    const value = source.values[row];
    const place = along.values[at(row)];
    if (Number.isFinite(value) && (linear || value > 0) && place !== undefined && !(logX && place <= 0)) {
      x.push(place);
      y.push(value);
    }
  }
  return { x, y };
}

/** Where the rounds of one set of columns stand among those of another: ascending, so each is looked for after the one before. */
function rowsOf(rounds, others) {
  let next = 0;
  return (row) => {
    while (next + 1 < others.length && others[next + 1] <= rounds[row]) next += 1;
    return others[next] <= rounds[row] ? next : undefined;
  };
}

/** At most about MOST_POINTS of a curve: both ends, and the least and greatest of every stretch; those in sight where a range is given. */
export function thinned({ x, y }, range = null) {
  const from = range ? Math.max(0, firstAfter(x, range[0]) - 2) : 0;
  const to = range ? Math.min(x.length, firstAfter(x, range[1]) + 1) : x.length;
  if (to - from <= MOST_POINTS) return { x: x.slice(from, to), y: y.slice(from, to) };
  const kept = extremes(y, from, to, MOST_POINTS / 2 - 1);
  return { x: kept.map((at) => x[at]), y: kept.map((at) => y[at]) };
}

function extremes(y, from, to, stretches) {
  const kept = new Set([from, to - 1]);
  for (let stretch = 0; stretch < stretches; stretch++) {
    const begin = from + Math.floor(((to - from) * stretch) / stretches);
    const end = from + Math.floor(((to - from) * (stretch + 1)) / stretches);
    let low = begin;
    let high = begin;
    for (let at = begin; at < end; at++) {
      if (y[at] < y[low]) low = at;
      if (y[at] > y[high]) high = at;
    }
    kept.add(low).add(high);
  }
  return [...kept].sort((a, b) => a - b);
}

/** The height of a curve at x, on a straight line (in log y where y is positive) between its records; null outside it. */
export function valueAt({ x, y }, at) {
  if (!x.length || at < x[0] || at > x[x.length - 1]) return null;
  const after = firstAfter(x, at);
  if (after === 0) return y[0];
  if (after === x.length || x[after] === x[after - 1]) return y[after - 1];
  const share = (at - x[after - 1]) / (x[after] - x[after - 1]);
  const [low, high] = [y[after - 1], y[after]];
  return Math.min(low, high) > 0 ? Math.exp(Math.log(low) * (1 - share) + Math.log(high) * share) : low * (1 - share) + high * share;
}
