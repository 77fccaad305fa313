import type { CodeStatus } from '../../common/api/code.ts';

/** A bundle that a pod unpacks at its start. */
export interface Bundle {
  digest: string;
  target: '/var/task' | '/opt';
  unpackedBytes: number;
}

/** Code first, then the layers in order. */
export function bundlesOf(fetched: readonly CodeStatus[]): Bundle[] {
  return fetched.map(({ name, digest, unpackedBytes }) => ({ digest, target: name === 'code' ? '/var/task' : '/opt', unpackedBytes }));
}
