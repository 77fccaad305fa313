import { AwsError } from './aws-error.ts';

const DEFAULT_PAGE = 50;
const MAX_PAGE = 10_000;

/** One page of a list that is in the order of its names, after `Marker`, which is the name that the page before ended with. Throws AwsError. */
export function pageOf<T>(
  all: readonly T[],
  query: URLSearchParams,
  nameOf: (one: T) => string,
): { page: T[]; marker: string | undefined } {
  const asked = Number(query.get('MaxItems') ?? DEFAULT_PAGE);
  if (!Number.isInteger(asked) || asked < 1 || asked > MAX_PAGE)
    throw new AwsError('InvalidParameterValueException', `MaxItems must be a whole number from 1 to ${MAX_PAGE}.`);
  const after = query.get('Marker') ?? '';
  const rest = all.filter((one) => nameOf(one) > after);
  const page = rest.slice(0, asked);
  const last = page.at(-1);
  return { page, marker: rest.length > page.length && last !== undefined ? nameOf(last) : undefined };
}
