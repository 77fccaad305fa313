import { codeDigest } from '../../common/api/token.ts';
import { isNotFound } from '../../common/kube/kube-error.ts';
import type { KubeTransport } from '../../common/kube/transport.ts';

interface Snapshot {
  data?: { code?: { inline?: Record<string, string> } };
}

/** Code of a revision that the Function's spec no longer holds, from its ControllerRevision (docs/adr/0001); undefined when there is none of that digest. */
export function olderCode(transport: KubeTransport) {
  return async (namespace: string, revision: string, digest: string): Promise<Record<string, string> | undefined> => {
    try {
      const { body } = await transport.request('GET', `/apis/apps/v1/namespaces/${namespace}/controllerrevisions/${revision}`);
      const files = (body as Snapshot).data?.code?.inline;
      return files && codeDigest(files) === digest ? files : undefined;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
}
