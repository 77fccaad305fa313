import { stringify } from 'yaml';
import type { Manifest } from './description.ts';

/** One YAML document; a Function that still lacks its code says so above. */
export function manifestText(manifest: Manifest): string {
  const head = manifest.spec.code
    ? ''
    : '# spec.code is missing: it could not be carried over (see the notes), and the API server refuses this until it is there.\n';
  return head + stringify(manifest, { lineWidth: 0 });
}
