import { isDeepStrictEqual } from 'node:util';
import type { Expected } from './cases.ts';

/** What a client program says of a case. */
export interface Outcome {
  status: number;
  executedVersion?: string | null;
  functionError?: string | null;
  payload?: string;
  output?: string;
  log?: string;
  error?: string;
  message?: string;
  reason?: string | null;
}

/** What is not as it should be; empty when all is. */
export function differences(expected: Expected, got: Outcome): string[] {
  const wrong: string[] = [];
  const same = (what: string, want: unknown, is: unknown): void => {
    if (!isDeepStrictEqual(want, is)) wrong.push(`${what} is ${short(is)} instead of ${short(want)}`);
  };
  const matches = (what: string, pattern: string | undefined, text: string | undefined): void => {
    if (pattern !== undefined && !new RegExp(pattern).test(text ?? '')) wrong.push(`${what} ${short(text)} does not match ${pattern}`);
  };
  same('status', expected.status, got.status);
  same('error', expected.error, got.error ?? undefined);
  matches('message', expected.messagePattern, got.message);
  if (expected.error !== undefined) {
    if (expected.reason !== undefined) same('reason', expected.reason, got.reason ?? undefined);
    return wrong;
  }
  same('functionError', expected.functionError, got.functionError ?? undefined);
  if (expected.executedVersion !== undefined) same('executedVersion', expected.executedVersion, got.executedVersion);
  if ('json' in expected) same('payload', expected.json, parsed(got.payload));
  matches('payload', expected.payloadPattern, got.payload);
  if (expected.payloadBytes !== undefined) same('payload’s length', expected.payloadBytes, Buffer.byteLength(got.payload ?? ''));
  matches('log', expected.logPattern, got.log);
  if (expected.output !== undefined && !contains(parsed(got.output), expected.output))
    wrong.push(`output ${short(got.output)} has not ${short(expected.output)} in it`);
  return wrong;
}

/** Whether all that is wanted is there, lists in their order, perhaps among more. */
function contains(is: unknown, want: unknown): boolean {
  if (Array.isArray(want)) {
    let at = 0;
    return (
      Array.isArray(is) &&
      want.every((one) => {
        while (at < is.length && !contains(is[at], one)) at += 1;
        at += 1;
        return at <= is.length;
      })
    );
  }
  if (typeof want !== 'object' || want === null) return is === want;
  return (
    typeof is === 'object' &&
    is !== null &&
    Object.entries(want).every(([name, value]) => contains((is as Record<string, unknown>)[name], value))
  );
}

function parsed(payload: string | undefined): unknown {
  try {
    return JSON.parse(payload ?? '');
  } catch {
    return payload;
  }
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'not there';
  return text.length > 300 ? `${text.slice(0, 300)}… (${text.length} characters)` : text;
}
