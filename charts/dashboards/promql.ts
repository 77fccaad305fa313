/** The functions that the dashboard's variables choose, as a selector. */
export const CHOSEN = 'namespace=~"$namespace", function=~"$function"';
export const BY_FUNCTION = 'namespace, function';
/** How a function is called in a legend. */
export const NAME = '{{namespace}}/{{function}}';

/** A metric of the chosen functions, with more matchers if need be. Example: of('x', 'a="b"') → x{a="b", namespace=…, function=…}. */
export function of(metric: string, matchers = ''): string {
  return `${metric}{${matchers === '' ? '' : `${matchers}, `}${CHOSEN}}`;
}

/** Each second, over as long as the resolution needs. */
export function rate(selector: string): string {
  return `rate(${selector}[$__rate_interval])`;
}

/**
 * A quantile of a histogram of the chosen functions, by function. A function's first event of a kind is not in it: its buckets begin with that event, and a rate does not see
 * where from.
 */
export function quantile(q: number, metric: string, by = BY_FUNCTION): string {
  return `histogram_quantile(${q}, sum by (${by}, le) (${rate(of(`${metric}_bucket`))}))`;
}
