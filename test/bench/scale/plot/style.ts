import type { Tone } from './chart.ts';

/** Told apart by people who see few colours, too (after Okabe and Ito). */
export const COLOURS: Readonly<Record<Tone, string>> = {
  demand: '#0072b2',
  ideal: '#6b7280',
  asked: '#d55e00',
  ready: '#009e73',
  second: '#9b5fb8',
  median: '#0072b2',
  tail: '#c2410c',
  limit: '#6b7280',
};

export const INK = '#1f2933';
export const FAINT = '#6b7280';
export const GRID = '#e7eaee';
export const BAND = '#f4efe1';
export const FONT = "system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', sans-serif";
