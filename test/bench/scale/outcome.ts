import type { KubeTransport } from '../../../common/kube/transport.ts';
import type { Chart } from './plot/chart.ts';

/** What a scenario works with. */
export interface Bench {
  kube: KubeTransport;
  /** Tells of progress. */
  say: (line: string) => void;
}

/** One line of the table. */
export interface Row {
  name: string;
  /** What is asked for; empty for a figure that stands beside the bars. */
  bar: string;
  figure: string;
  /** undefined: no bar. */
  met?: boolean;
}

/** What a scenario found. */
export interface Outcome {
  rows: Row[];
  charts: Chart[];
}

/** `1 failure`, `2 failures`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** Milliseconds as seconds. Example: 1234 → `1.23 s`. */
export function seconds(millis: number): string {
  return `${(millis / 1000).toFixed(millis < 10_000 ? 2 : 1)} s`;
}
