import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** What the chart is rendered for: without a cluster helm assumes one that is too old. */
const KUBERNETES = '1.34.0';

/** The parts of manifests, of whichever kind, that are looked into here. */
export interface Manifest {
  kind: string;
  metadata: { name: string; labels: Record<string, string>; annotations?: Record<string, string> };
  data: Record<string, string>;
  spec: {
    template: { metadata: { annotations: Record<string, string> }; spec: PodSpec };
    ports: { name: string }[];
    selector: { matchLabels: Record<string, string> };
    namespaceSelector: unknown;
    endpoints: Endpoint[];
    podMetricsEndpoints: Endpoint[];
  };
}

export interface PodSpec {
  containers: { env: { name: string; value?: string }[]; volumeMounts: { name: string }[] }[];
  volumes: { name: string; secret: { secretName: string; items?: unknown } }[];
}

export interface Endpoint {
  port: string;
  relabelings: { targetLabel: string; replacement?: string; sourceLabels?: string[] }[];
}

/** The chart, rendered by `helm template` without a cluster. */
export class Chart {
  readonly #helm: string;

  /** @param helm path of the program */
  constructor(helm: string) {
    this.#helm = helm;
  }

  /** The objects under values of ours; throws when helm refuses, or an object is no YAML or has a key twice. */
  render(values: unknown): Manifest[] {
    const { status, stdout, stderr } = this.#template(values);
    if (status !== 0) throw new Error(stderr);
    return parseAllDocuments(stdout).flatMap((document) => {
      if (document.errors[0]) throw document.errors[0];
      const manifest = document.toJS() as Manifest | null;
      return manifest === null ? [] : [manifest];
    });
  }

  /** Why helm does not render the chart under values of ours. */
  refusal(values: unknown): string {
    const { status, stderr } = this.#template(values);
    if (status === 0) throw new Error('the chart was rendered');
    return stderr;
  }

  #template(values: unknown) {
    const args = ['template', 'lull', 'charts/lull', '--namespace', 'lull-system', '--kube-version', KUBERNETES, '--values', '-'];
    return spawnSync(this.#helm, args, { cwd: ROOT, encoding: 'utf8', input: stringify(values), maxBuffer: 16 * 1024 * 1024 });
  }
}
