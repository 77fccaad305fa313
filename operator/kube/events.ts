import type { KubeTransport } from '../../common/kube/transport.ts';

interface Regarding {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; uid?: string; resourceVersion?: string };
}

export interface EventRecorderOptions {
  transport: KubeTransport;
  controller: string;
  instance: string;
  onError: (error: unknown) => void;
  now: () => Date;
}

/** The same words about the same object are not said again within this time. */
const REPEAT_MILLIS = 60_000;
const REMEMBERED = 1000;

/** Tells people by events.k8s.io/v1 Events. Never throws and never waits: an event is a courtesy. */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #said = new Map<string, number>();
  #count = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  record(regarding: Regarding, type: 'Normal' | 'Warning', reason: string, note: string): void {
    const { transport, controller, instance, onError, now } = this.#options;
    const time = now();
    const key = `${regarding.metadata.uid} ${reason} ${note}`;
    if (time.getTime() - (this.#said.get(key) ?? Number.NEGATIVE_INFINITY) < REPEAT_MILLIS) return;
    if (this.#said.size >= REMEMBERED) this.#said.clear();
    this.#said.set(key, time.getTime());
    this.#count += 1;
    const namespace = regarding.metadata.namespace ?? 'default';
    const { name, uid, resourceVersion } = regarding.metadata;
    const body = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: `${name}.${time.getTime().toString(16)}${this.#count.toString(16)}`, namespace },
      eventTime: time.toISOString().replace('Z', '000Z'),
      reportingController: controller,
      reportingInstance: instance.slice(0, 128),
      action: reason,
      reason,
      type,
      note: note.slice(0, 1024),
      regarding: {
        apiVersion: regarding.apiVersion,
        kind: regarding.kind,
        name,
        namespace,
        ...(uid !== undefined && { uid }),
        ...(resourceVersion !== undefined && { resourceVersion }),
      },
    };
    transport.request('POST', `/apis/events.k8s.io/v1/namespaces/${namespace}/events`, { body }).catch(onError);
  }
}
