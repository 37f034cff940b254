// What the modules hand to one another, and what the server and the page hand to them. Names and words on both sides are held by tests.

import type { Run } from "./runs.js";

export type Language = "en" | "ru";
export type Both = Record<Language, string>;
/** The letters that have a definition, in the page's language. */
export type Letters = Record<string, string>;
export type Numbers = ArrayLike<number>;
export type Cause = { cause: "overflow"; round: number; times?: undefined } | { cause: "grown"; round: number; times: number };

/** Colours and font of the page. */
export interface Theme {
  dark: boolean;
  background: string;
  text: string;
  panel: string;
  font: string;
  faint: string;
  muted: string;
  grid: string;
}

// From the server -----------------------------------------------------------------------------------------------------------------------

/** base64 of little-endian float64. */
export type Packed = string;

/** What is new of one run: an event of the stream, or the answer to a question. */
export interface News {
  key: string;
  state: string;
  reason: Both | null;
  rounds: number;
  wanted?: number;
  diverged: number | null;
  columns: Record<string, Packed>;
  errors: { rows: number; nodes: number; rounds: Packed; data: string; layers?: { count: number; data: string; energy: Packed; bits: Packed } } | null;
  snapshots: number[];
  more?: { guarantees?: Guarantees; columns: Record<string, Packed> };
}

/** What theorems say of a run. */
export interface Guarantees {
  missing: Record<string, Both>;
  level: number | null;
  expected: boolean;
  floor: { level: number; within: number | null } | null;
  why: Both | null;
}

/** A vector folded, and what became of it. */
export interface Folded {
  wanted: Float32Array;
  received: Float32Array;
  error: Float32Array;
  largest: number;
}

/** One node's message of one round. */
export interface Message extends Folded {
  round: number;
  node: number;
  d: number;
  dims: number[];
  why: Both | null;
}

// From the page -------------------------------------------------------------------------------------------------------------------------

/** Seconds for every exchange of messages, every bit that a node sends and receives, and every second that all nodes computed here. */
export interface Clock {
  exchange: number;
  bit_up: number;
  bit_down: number;
  second: number;
}

/** How a contender is drawn and named. */
export interface Style {
  key: string;
  place: string;
  label: string;
  title?: string;
  color: string;
  dash: string;
  dims: number[] | null;
  /** The shapes of the tensors that x is made of, where they are several. */
  layout?: number[][] | null;
  message: string;
  wish?: string;
  clock?: Clock | null;
  /** Which repeat of its candidate it is; 0, or none, for the first, after which the others follow. */
  repeat?: number;
  /** Whether its nodes send all that they have to say. */
  uncompressed?: boolean;
  /** The step γ of the run. */
  gamma?: number;
  /** ε of its contender's own, by which the best of its steps is told; 0 where it is that of the chart. */
  goal?: number;
  /** ‖∇f‖² at which the run is over; 0 where only its rounds are counted. */
  stop?: number;
}

/** What a person picked: round null is the latest, logX null is as the axis has it. */
export interface Picks {
  contender: number;
  node: number;
  round: number | null;
  /** Which tensor of x is looked at, from 0; −1 for all of x as one vector. */
  layer: number;
  slice: number;
  logX: boolean | null;
  whole: boolean;
  oneScale: boolean;
  /** ε; 0 for the usual one. */
  goal: number;
}

/** What the page hands to the live view. */
export interface LiveData {
  runs: Style[];
  metric: string;
  axis: string;
  /** Mbit/s of the link on which a node sends, where an axis counts the seconds of a network. */
  width?: number | null;
  theory?: boolean;
  language: Language;
  /** What metrics that were added are called. */
  named?: Record<string, Both>;
  letters?: Letters;
  chosen?: number;
  about?: string;
  speaks?: object;
  base?: string;
  opened?: unknown;
  settled?: boolean;
  view?: Partial<Picks>;
  notes?: Note[];
  /** Chart, verdict and caption alone, in large type; `stays` where the link does not let go of that. */
  present?: boolean;
  stays?: boolean;
  /** What of the view stays as the link has it. */
  locked?: (keyof Picks)[];
}

/** A few words tied to a contender and a place on an axis. */
export interface Note {
  place: string;
  axis: string;
  at: number;
  words: string;
}

/** What the page hands to the microscope. */
export interface MicroscopeData {
  vector: object;
  rungs: { spec: object; label: string }[];
  /** Of the vector's numbers; none where they have none. */
  names?: string[];
  rung: number;
  dims: number[];
  slice: number;
  opened?: unknown;
  language: Language;
  base?: string;
}

/** A link to hand on, the frame that shows it in another page, and its QR code as SVG. */
export interface ShareData {
  link: string;
  frame: string;
  code: string;
  language: Language;
  base?: string;
}

/** Where a view stands, and how it speaks to the page. */
export interface Component<Data> {
  parentElement: HTMLElement;
  data: Data;
  setStateValue?(name: string, value: unknown): void;
  setTriggerValue?(name: string, value: unknown): void;
}

export interface View<Data> {
  update(component: Component<Data>): void;
  dispose(): void;
}

// Among the modules ---------------------------------------------------------------------------------------------------------------------

/** A run as the chart and the legend show it, with its repeats: the median of them and their band. */
export interface Shown extends Ghost {
  pending: string | null;
  value: number | null;
  /** Its place at ε, in words, once all have ended. */
  standing?: string;
}

/** Who races, for the verdict. */
export interface Racer {
  /** From several starts. */
  repeats: Run[];
  label: string;
  gamma?: number;
  /** All steps that it tries, each with its repeats, where they are several. */
  candidates?: Run[][];
}

/** One contender at one ε: what it needs in the median and in every repeat, where it ends, and its cost over that of the first. */
export interface Standing {
  place: number;
  cost: number;
  costs: number[];
  final: number;
  ratio: number;
}

/** Another takes the lead under this ε. */
export interface Change {
  epsilon: number;
  above: number;
  below: number;
}

export interface Points {
  x: number[];
  y: number[];
}

/** A curve in the picture, cut where it leaves: parts are set apart by a null. */
export interface Shape {
  x: (number | null)[];
  y: (number | null)[];
}

export interface Point {
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

/** In pixels. */
export interface Box extends Size {
  left: number;
  top: number;
}

/** A note at its point of a curve. */
export interface Anchor extends Point {
  words: string;
  color: string;
}

/** A curve of the chart: all of its points, those in the picture, and where it leaves. */
export interface Curve extends Ghost {
  points: Points;
  shape: Shape;
  exit: Point | null;
}

/** A curve that was: of one run, or the median of its repeats, of which it is the first. */
export interface Ghost {
  style: Style;
  run: Run;
  repeats: Run[];
  hidden: boolean;
}

/** A line that a theorem holds a curve below. */
export interface Line {
  style: Style;
  points: Points;
  shape: Shape;
  exit: Point | null;
  hidden?: undefined;
}

/** Along which axis curves are drawn, and how. */
export interface Along {
  axis: string;
  logX: boolean;
  linear?: boolean;
}

export type Range = readonly [number, number];

/** One message in the heatmap. */
export interface Cell {
  node: number;
  round: number;
}

/** The scale of the heatmap. */
export interface Scale {
  low: number;
  high: number;
  step: number;
  log: boolean;
  below: boolean;
  above: boolean;
}

/** What can be in a sentence: a number, {about} one, words, or nothing. */
export type Slot = number | string | null | undefined | { about: number };

// The chart ------------------------------------------------------------------------------------------------------------------------------

/** What the chart shows. */
export interface ChartModel {
  shown: Shown[];
  ghosts: Ghost[];
  /** Candidates that are not the best of theirs. */
  others: Ghost[];
  /** ε; null where it is not on the vertical axis. */
  goal: number | null;
  /** The least ε of which the runs tell anything; 0, or none, where that is every one. */
  least?: number;
  metric: string;
  axis: string;
  logX: boolean;
  whole: boolean;
  theory: boolean;
  language: Language;
  theme: Theme;
  about?: string;
  speaks?: object;
  notes?: Note[];
  /** How many times larger than usual; 1 where nothing is said. */
  scale?: number;
}

/** Between two curves. */
export interface Filled {
  style: Style;
  hidden: boolean;
  least: Points;
  greatest: Points;
}

/** What lies in the picture: curves, curves that were, lines of theory, and bands over the nodes and over the repeats. */
export interface Picture {
  curves: Curve[];
  ghosts: Curve[];
  others: Curve[];
  lines: Line[];
  bands: Filled[];
  spreads: Filled[];
}

/** What is asked of plotly: its public functions, and no more of their arguments than is used here. */
export interface Plotly {
  react(node: HTMLElement, data: Trace[], layout: Layout, config: object): Promise<unknown>;
  relayout(node: HTMLElement, change: object): Promise<unknown>;
  purge(node: HTMLElement): void;
  toImage(figure: { data: Trace[]; layout: Layout }, options: object): Promise<string>;
  Plots: { resize(node: HTMLElement): void };
}

export interface Trace extends Shape {
  type: "scatter";
  mode: "lines" | "markers" | "lines+markers";
  name?: string;
  opacity?: number;
  hoverinfo?: "skip";
  visible?: boolean;
  showlegend?: boolean;
  cliponaxis?: boolean;
  line?: { color?: string; dash?: string; width: number; simplify?: boolean };
  marker?: { color: string; size: number; symbol: string; line?: { color: string; width: number } };
  fill?: "tonexty";
  fillcolor?: string;
}

export interface Axis {
  range?: [number, number];
  autorange?: boolean | string;
  [option: string]: unknown;
}

export interface Layout {
  xaxis: Axis;
  yaxis: Axis;
  font: { family: string; color: string; size: number };
  [option: string]: unknown;
}

/** A figure as it is taken home. */
export interface Printed {
  data: Trace[];
  layout: Layout & { paper_bgcolor: string };
  width: number;
  height: number;
}

declare global {
  interface Window {
    Plotly: Plotly;
  }
}
