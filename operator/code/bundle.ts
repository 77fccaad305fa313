import type { CodeStatus, ImageFacts } from '../../common/api/code.ts';

/** A bundle that a pod unpacks at its start. */
export interface Bundle {
  digest: string;
  target: '/var/task' | '/opt';
  unpackedBytes: number;
}

/** What a revision is made of, besides its spec. */
export interface RevisionCode {
  /** Code first, then the layers in order. */
  bundles: readonly Bundle[];
  /** What a registry says of spec.code.image; undefined when none was asked. */
  image?: ImageFacts;
}

/** Of what was fetched. */
export function revisionCode(fetched: readonly CodeStatus[]): RevisionCode {
  const image = fetched.find((one) => one.image)?.image;
  return { bundles: bundlesOf(fetched.filter((one) => !one.image)), ...(image && { image }) };
}

function bundlesOf(fetched: readonly CodeStatus[]): Bundle[] {
  return fetched.map(({ name, digest, unpackedBytes }) => ({ digest, target: name === 'code' ? '/var/task' : '/opt', unpackedBytes }));
}
