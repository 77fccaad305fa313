import type { Scale } from '../../../common/api/function-scale.ts';
import { lullFunction, withNamespace } from '../../support/functions.ts';
import { kubectl } from '../../support/kubectl.ts';

const IMAGE = process.env['LULL_TEST_SERVER_IMAGE'] ?? 'docker.io/lull/testserver:dev';

/**
 * The function that is scaled: an http server that answers /slow?ms=N after N ms. It waits without working, so that ten pods of it fit on two cores and what is
 * measured is the scaling, not the cores.
 */
export function web(name: string, namespace: string, concurrency: number, scale: Scale): object {
  return lullFunction(name, namespace, {
    protocol: 'http',
    code: { image: IMAGE },
    concurrency,
    timeoutSeconds: 60,
    resources: { requests: { cpu: '5m', memory: '32Mi' }, limits: { memory: '160Mi' } },
    scale,
  });
}

/** A namespace of the scenario's own, empty; gone when `work` is over. */
export async function inNamespace<T>(name: string, work: () => Promise<T>): Promise<T> {
  await kubectl(['delete', 'namespace', name, '--ignore-not-found', '--timeout=110s']);
  await withNamespace(name);
  try {
    return await work();
  } finally {
    await kubectl(['delete', 'namespace', name, '--timeout=110s']);
  }
}
