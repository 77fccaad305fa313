/** One field of a cron expression: *, values and ranges with steps, in a list. */
function field(value: string): string {
  const item = `((\\*|${value}-${value})(/[1-9][0-9]?)?|${value}|\\?)`;
  return `${item}(,${item})*`;
}

const MINUTE = '[0-5]?[0-9]';
const HOUR = '([01]?[0-9]|2[0-3])';
/** L: the last of the month; W: the weekday nearest to it. */
const DAY = '((0?[1-9]|[12][0-9]|3[01]|L)W?)';
const MONTH = '(0?[1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)';
/** 5#2: the second Friday of the month; 5L or 5#L: the last. */
const WEEKDAY = '\\+?([0-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5L])?';

/**
 * A regular expression (RE2) of the cron expressions that croner reads. What it cannot see, a range from a higher to a lower value, or a day that no month has, the operator says in the
 * condition Ready.
 */
export const CRON = `(?i)^${[MINUTE, HOUR, DAY, MONTH, WEEKDAY].map(field).join(' +')}$`;
