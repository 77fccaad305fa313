import { Document, isScalar, visit } from 'yaml';
import type { Manifest } from './description.ts';

/** One YAML document; a Function that still lacks its code says so above. */
export function manifestText(manifest: Manifest): string {
  const head = manifest.spec.code
    ? ''
    : '# spec.code is missing: it could not be carried over (see the notes), and the API server refuses this until it is there.\n';
  const document = new Document(manifest);
  visit(document, {
    Scalar: (_key, node) => {
      // As a block, a text of nothing but spaces and line ends is read as another one (yaml 2.9.1).
      if (isScalar(node) && typeof node.value === 'string' && node.value.trim() === '') node.type = 'QUOTE_DOUBLE';
    },
  });
  return head + document.toString({ lineWidth: 0 });
}
