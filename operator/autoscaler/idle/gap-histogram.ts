/** Gaps whose lengths are near one another, in seconds. */
export interface GapBin {
  /** The shortest and the longest gap in it; old extremes are forgotten. */
  low: number;
  high: number;
  /** How many gaps, each worth less the older it is. */
  weight: number;
}

/** Bins grow by this: 60 of them reach from 1 s to 1.25^60 s = 7.5 days, so that what comes once a week is still within. */
const GROWTH = 1.25;
const BINS = 60;
/** After this many further gaps one counts half: at one call a minute the histogram follows within the hour, at one a day within two months. */
const HALF_LIFE_GAPS = 32;
/** Two gaps, the older of which has aged a little. */
const PAIR = 1.5;
const DECAY = 2 ** (-1 / HALF_LIFE_GAPS);

/**
 * The lengths of one function's gaps between the end of demand and the next demand: a histogram of fixed size that ages.
 *
 * The paper has a bin a minute up to 4 hours, 240 in all. Waking takes 0.4 s here and going to zero is decided every 2 s, so the seconds matter at the short end
 * and days at the long: bins of equal ratio give both with a quarter of the number. A bin of 25 % would be too wide to be back for what comes every 15 minutes
 * (180 s of waiting), so each keeps the shortest and the longest gap that it holds. Example: gaps of 896, 901 and 900 s → one bin, 3 gaps from 896 to 901 s.
 */
export class GapHistogram {
  /** By bin. Weights are in thousandths of a gap: whole numbers are restored from JSON exactly as they were. */
  readonly #thousandths = new Float64Array(BINS);
  readonly #low = new Float64Array(BINS);
  readonly #high = new Float64Array(BINS);
  #beyond = 0;

  /** Adds a gap, in seconds. */
  add(seconds: number): void {
    const gap = Math.max(1, Math.round(seconds));
    this.#age();
    const index = Math.floor(Math.log(gap) / Math.log(GROWTH));
    if (index >= BINS) {
      this.#beyond += 1000;
      return;
    }
    const weight = this.#thousandths[index] as number;
    const low = weight > 0 ? (this.#low[index] as number) : gap;
    const high = weight > 0 ? (this.#high[index] as number) : gap;
    // An extreme that does not come again gives way by an eighth of the distance each time; within 8 s it stays.
    this.#low[index] = Math.min(gap, low + Math.floor((gap - low) / 8));
    this.#high[index] = Math.max(gap, high - Math.floor((high - gap) / 8));
    this.#thousandths[index] = weight + 1000;
  }

  /** All gaps by weight, those beyond the longest bin among them. Never more than 1 / (1 - DECAY) = 46.7. */
  get total(): number {
    let sum = this.#beyond;
    for (const thousandths of this.#thousandths) sum += thousandths;
    return sum / 1000;
  }

  /** The weight of the gaps that were longer than the longest bin. */
  get beyond(): number {
    return this.#beyond / 1000;
  }

  /** The bins that are not empty, shortest gaps first; none overlaps another. One gap alone says no more than which bin: such a bin is as wide as it can be. */
  bins(): GapBin[] {
    return this.#filled().map((index) => {
      const weight = (this.#thousandths[index] as number) / 1000;
      if (weight < PAIR) return { low: Math.ceil(GROWTH ** index), high: Math.floor(GROWTH ** (index + 1)), weight };
      return { low: this.#low[index] as number, high: this.#high[index] as number, weight };
    });
  }

  /** Compact JSON: [thousandths beyond, [bin, thousandths, low, high - low] ...]; some 20 bytes a bin that is not empty, 1.6 KB at most. */
  toJSON(): unknown[] {
    const filled = this.#filled().map((index) => {
      const low = this.#low[index] as number;
      return [index, this.#thousandths[index] as number, low, (this.#high[index] as number) - low];
    });
    return [this.#beyond, ...filled];
  }

  /** What toJSON wrote; anything else is no history. */
  static from(json: unknown): GapHistogram {
    const histogram = new GapHistogram();
    if (!Array.isArray(json) || !isCount(json[0])) return histogram;
    const [beyond, ...filled] = json as [number, ...unknown[]];
    if (!filled.every(isFilled)) return histogram;
    histogram.#beyond = beyond;
    for (const [index, thousandths, low, width] of filled) {
      histogram.#thousandths[index] = thousandths;
      histogram.#low[index] = low;
      histogram.#high[index] = low + width;
    }
    return histogram;
  }

  #filled(): number[] {
    const filled: number[] = [];
    for (let index = 0; index < BINS; index += 1) if ((this.#thousandths[index] as number) > 0) filled.push(index);
    return filled;
  }

  #age(): void {
    const thousandths = this.#thousandths;
    // Rounded down, so that a bin which is not met again is empty in the end.
    this.#beyond = Math.floor(this.#beyond * DECAY);
    for (let index = 0; index < BINS; index += 1) thousandths[index] = Math.floor((thousandths[index] as number) * DECAY);
  }
}

/** A bin as toJSON writes it, its extremes within it. */
function isFilled(entry: unknown): entry is [index: number, thousandths: number, low: number, width: number] {
  if (!Array.isArray(entry) || entry.length !== 4 || !entry.every(isCount)) return false;
  const [index, , low, width] = entry as [number, number, number, number];
  return index < BINS && low >= Math.floor(GROWTH ** index) && low + width <= Math.ceil(GROWTH ** (index + 1));
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
