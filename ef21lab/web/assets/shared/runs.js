// What the browser knows of one run. No DOM here.

import { Column, firstAfter, floats, numbers } from "./column.js";
import { divergence, stoppedAt } from "./ending.js";

/** @import { Both, Guarantees, News } from "./types.js" */

export const COLUMNS = ["round", "loss", "grad_norm_sq", "distortion", "bits_up", "floats_up", "bits_down", "seconds"];
export const NETWORK = "network"; // an axis that is no column: seconds on a network, by the clock that the page hands over
export const LAYER = ["round", "least", "median", "greatest"]; // sent to those who ask for more
export const LINES = ["gap", "mean", "mean_line", "psi", "psi_line", "tight", "tight_line", "distortion_line"]; // with it, each where it is known
export const SHARES = ["accuracy"]; // columns that are shares of one: here they are per cent
export const ENDED = ["done", "failed", "cancelled", "unknown"];
export const NONE = 1e9; // a round that no run comes to: after it there are no errors

/** @type {(names: string[]) => Record<string, Column<Float64Array>>} */
const columns = (names) => Object.fromEntries(names.map((name) => [name, new Column(new Float64Array())]));

/**
 * Seconds at every record: a linear form of the rounds, the bits and the seconds of computing. The message of round 0 is an exchange too.
 * @param {Record<string, Column<Float64Array>>} columns
 * @param {import("./types.js").Clock} clock
 */
export function onNetwork({ round, bits_up: up, bits_down: down, seconds }, clock) {
  const first = up.values[0] > 0 ? 1 : 0;
  return Float64Array.from(
    round.values,
    (at, row) => clock.exchange * (at + first) + clock.bit_up * up.values[row] + clock.bit_down * down.values[row] + clock.second * seconds.values[row],
  );
}

/** One run: columns and error levels that grow, and its latest state. */
export class Run {
  /** @param {string} key */
  constructor(key) {
    this.key = key;
    this.columns = columns(COLUMNS);
    this.more = columns([...LAYER, ...LINES]);
    /** What theorems say of the run, once it has come. @type {Guarantees | null} */
    this.guarantees = null;
    this.asked = false; // for the layer
    this.quiet = false; // its errors are not asked for
    this.owed = false; // … and are missing
    this.errors = { rounds: new Column(new Float64Array()), nodes: 0, relative: new Column(new Float32Array()) }; // nan where nothing was sent
    /** Of every layer of a network, in the same rounds; its latest ‖∇f‖² and bits. Without layers where x is one tensor. */
    this.layers = { rounds: this.errors.rounds, nodes: 0, relative: new Column(new Float32Array()), energy: new Float64Array(), bits: new Float64Array() };
    /** The rounds whose messages are kept. @type {number[]} */
    this.snapshots = [];
    this.state = "waiting";
    /** @type {Both | null} */
    this.reason = null;
    this.rounds = 0;
    /** The round in which the numbers overflowed. @type {number | null} */
    this.diverged = null;
    this.ended = false;
    this.wanted = 0; // how many pages wish it to go on
    /** Seconds on the network of the page. @type {import("./types.js").Clock | null} */
    this.clock = null;
    this.wish = "run"; // what this page wishes of it: "run", "pause" or "stop"
    this.stop = 0; // ‖∇f‖² at which it is to end; 0 where only its rounds are counted
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
    const places = [this.head, this.quiet ? NONE : (this.errors.rounds.last ?? -1), ...(this.asked ? [this.more.round.last ?? -1] : [])];
    return [this.key, ...places].join(":");
  }

  /** Whether nothing more will come of what was asked for. */
  get settled() {
    if (this.owed && !this.quiet && this.state !== "unknown") return false;
    return this.ended && (!this.asked || this.state === "unknown" || (this.more.round.last ?? -1) >= this.head);
  }

  /**
   * The values of a column, and the rows of the run they belong to where those are not simply all; null where it is not known.
   * @param {string} name
   */
  column(name) {
    if (name === NETWORK) return this.clock && { values: onNetwork(this.columns, this.clock), rounds: this.columns.round.values };
    if (this.columns[name]) return { values: this.columns[name].values, rounds: this.columns.round.values };
    const values = this.more[name]?.values;
    return values?.length ? { values, rounds: this.more.round.values } : null;
  }

  /**
   * The latest value of a column.
   * @param {string} name
   */
  last(name) {
    return this.column(name)?.values.at(-1);
  }

  /** As `stoppedAt` of ending.js says it. */
  get stoppedAt() {
    return stoppedAt(this);
  }

  /** As `divergence` of ending.js says it. */
  get divergence() {
    return divergence(this);
  }

  /**
   * Add what the server sent; rows that are here already are passed over.
   * @param {News} news
   * @param {string} kind of the event, or "poll"
   */
  take(news, kind) {
    this.state = news.state;
    this.reason = news.reason;
    this.rounds = news.rounds;
    this.wanted = news.wanted ?? 0;
    this.diverged = news.diverged;
    this.snapshots = news.snapshots;
    this.ended = kind === "end" || (kind === "poll" && ENDED.includes(news.state));
    this.#takeRows(news.columns);
    if (news.errors?.rows) this.#takeErrors(news.errors);
    this.owed = this.quiet ? (this.errors.rounds.last ?? -1) < this.head : this.owed && !news.errors?.rows;
    if (news.more) this.#takeMore(news.more);
  }

  /** There is no such run at the server. */
  lose() {
    this.state = "unknown";
    this.ended = true;
  }

  /** @param {NonNullable<News["more"]>} more */
  #takeMore({ guarantees, columns: packed }) {
    this.guarantees = guarantees ?? this.guarantees;
    const fresh = firstAfter(numbers(packed.round), this.more.round.last ?? -1);
    for (const name of Object.keys(packed)) {
      this.more[name] ??= new Column(new Float64Array()); // of a metric that was added
      const values = numbers(packed[name]).subarray(fresh);
      this.more[name].push(SHARES.includes(name) ? values.map((share) => 100 * share) : values);
    }
  }

  /** @param {News["columns"]} packed */
  #takeRows(packed) {
    const fresh = firstAfter(numbers(packed.round), this.head);
    for (const name of COLUMNS) this.columns[name].push(numbers(packed[name]).subarray(fresh));
  }

  /** @param {NonNullable<News["errors"]>} errors */
  #takeErrors(errors) {
    const rounds = numbers(errors.rounds);
    const fresh = firstAfter(rounds, this.errors.rounds.last ?? -1);
    this.errors.nodes = errors.nodes;
    this.errors.rounds.push(rounds.subarray(fresh));
    this.errors.relative.push(floats(errors.data).subarray(fresh * errors.nodes));
    if (!errors.layers) return;
    const { count, data, energy, bits } = errors.layers;
    this.layers.relative.push(floats(data).subarray(fresh * count));
    Object.assign(this.layers, { nodes: count, energy: numbers(energy), bits: numbers(bits) });
  }

  /** The kept round nearest to a round; null where none is. @param {number} round */
  keptNear(round) {
    if (!this.snapshots.length) return null;
    const after = firstAfter(this.snapshots, round);
    const [low, high] = [this.snapshots[Math.max(0, after - 1)], this.snapshots[Math.min(after, this.snapshots.length - 1)]];
    return Math.abs(low - round) <= Math.abs(high - round) ? low : high;
  }

  /**
   * The round whose message is shown for a chosen one: the recorded one at that place, or, while the run has not come there, the nearest kept one.
   * @param {number | null} round
   */
  messageAt(round) {
    if (round === null) return this.snapshots.at(-1) ?? null;
    if (this.snapshots.includes(round)) return round;
    return round <= (this.errors.rounds.last ?? -1) ? this.errors.rounds.values[this.rowAt(round)] : this.keptNear(round);
  }

  /** The row of errors that was current at a round: the last one not after it; −1 before the first. @param {number} round */
  rowAt(round) {
    return firstAfter(this.errors.rounds.values, round) - 1;
  }
}
