/** What a line stands for, everywhere on the page in the same colour. */
export type Tone = 'demand' | 'ideal' | 'asked' | 'ready' | 'second' | 'median' | 'tail' | 'limit';

/** `step` holds its value until the next point, `area` is a filled step, `dashed` a thin dashed step, `line` goes straight from point to point. */
export type Shape = 'line' | 'step' | 'area' | 'dashed';

export type Point = readonly [x: number, y: number];

export interface Series {
  label: string;
  tone: Tone;
  shape: Shape;
  points: readonly Point[];
}

/** A stretch of the x axis in which something was so. */
export interface Band {
  from: number;
  to: number;
  label: string;
}

/** A moment. */
export interface Mark {
  at: number;
  label: string;
}

/** A bar of a chart of spans: a pod's life, a request. */
export interface Span {
  /** From 0, downwards. */
  row: number;
  from: number;
  to: number;
  tone: Tone;
  label?: string;
}

/** One panel of the page. */
export interface Chart {
  title: string;
  /** What the y axis counts, with its unit. */
  y: string;
  /** What the x axis counts; seconds when left out. */
  x?: string;
  /** As wide as the page; such charts stand on one another and share their x axis. */
  wide?: boolean;
  /** Where the x axis ends; the greatest x of all series when left out. */
  xMax?: number;
  /** Where the y axis ends; what lies above is cut off. */
  yMax?: number;
  series: readonly Series[];
  bands?: readonly Band[];
  marks?: readonly Mark[];
  /** Rows instead of a y axis: their names, and the bars in them. */
  rows?: readonly string[];
  spans?: readonly Span[];
}
