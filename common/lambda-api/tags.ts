import type { LullFunction } from '../api/function.ts';
import { TAGS_ANNOTATION } from './annotations.ts';

/** AWS's tags of a function: its labels, and what Lambda's API was given, which goes before them. */
export function tagsOf({ metadata }: LullFunction): Record<string, string> {
  return { ...metadata.labels, ...ownTags(metadata.annotations) };
}

/** Those that Lambda's API was given. An annotation that somebody has made unreadable is none. */
export function ownTags(annotations: Readonly<Record<string, string>> | undefined): Record<string, string> {
  try {
    const parsed: unknown = JSON.parse(annotations?.[TAGS_ANNOTATION] ?? '{}');
    const entries = typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : [];
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return {};
  }
}
