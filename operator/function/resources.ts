import { quantityValue } from '../../common/api/memory.ts';
import type { ResourceList, Resources } from '../../common/api/meta.ts';

/**
 * When neither Function nor Runtime says: enough for a Python handler with boto3 (about 75 MB with the bridge) and twice that as the limit, 512 MiB of
 * files as AWS's /tmp has, and little reserved CPU, so that a burst of small pods fits on small nodes. No CPU limit: it would throttle cold starts.
 */
const DEFAULTS = {
  requests: { cpu: '20m', memory: '64Mi', 'ephemeral-storage': '16Mi' },
  limits: { memory: '256Mi', 'ephemeral-storage': '512Mi' },
} as const satisfies Resources;

/**
 * The function's resources, else the runtime's, else the defaults, by each amount. A request left out follows the limit given, as Kubernetes has it. Code that is unpacked
 * (`unpackedBytes`) comes on top of the limit for files, which is for what the function writes itself, as AWS's /tmp.
 */
export function containerResources(own: Resources | undefined, runtime: Resources | undefined, unpackedBytes = 0): Resources {
  const limits: ResourceList = { ...DEFAULTS.limits, ...runtime?.limits, ...own?.limits };
  if (unpackedBytes > 0) {
    const files = quantityValue(limits['ephemeral-storage']) ?? 0;
    limits['ephemeral-storage'] = `${Math.ceil((files + unpackedBytes) / 2 ** 20)}Mi`;
  }
  const requests: ResourceList = { ...DEFAULTS.requests, ...runtime?.requests };
  for (const name of Object.keys(own?.limits ?? {}) as (keyof ResourceList)[]) delete requests[name];
  return { requests: { ...requests, ...own?.requests }, limits };
}
