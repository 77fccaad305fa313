import { parse, stringify } from 'yaml';
import type { KubeTransport } from '../../common/kube/transport.ts';
import { until } from './wait.ts';

const NAMESPACE = '/namespaces/lull-system';
const DEPLOYMENT = `/apis/apps/v1${NAMESPACE}/deployments/lull-prometheus`;
const CONFIG = `/api/v1${NAMESPACE}/configmaps/lull-prometheus`;
const PODS = `/api/v1${NAMESPACE}/pods?labelSelector=${encodeURIComponent('app.kubernetes.io/component=prometheus')}`;

interface PodLike {
  metadata: { name: string };
  status?: { conditions?: { type: string; status: string }[] };
}

interface ScrapeJob {
  job_name: string;
  [setting: string]: unknown;
}

/** The chart's own Prometheus, taken away, brought back with empty data, and given something more to scrape for a while. */
export class ChartPrometheus {
  readonly #kube: KubeTransport;

  constructor(kube: KubeTransport) {
    this.#kube = kube;
  }

  /** Kills it: no replacement, no grace. Resolves when no pod of it is left. */
  async kill(): Promise<void> {
    await this.#scale(0);
    for (const { metadata } of await this.#pods())
      await this.#kube
        .request('DELETE', `/api/v1${NAMESPACE}/pods/${metadata.name}`, { body: { gracePeriodSeconds: 0 } })
        .catch(() => undefined);
    await until('Prometheus to be gone', async () => (await this.#pods()).length === 0, 30_000, 100);
  }

  /** Resolves when it answers. Its data is an emptyDir: it begins with none. */
  async start(): Promise<void> {
    await this.#scale(1);
    const ready = async (): Promise<boolean> =>
      (await this.#pods()).some(({ status }) => status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True'));
    await until('Prometheus to be Ready', ready, 60_000, 100);
  }

  /** While `work` runs it scrapes one job more. Begins with empty data before and after. */
  async withJob<T>(job: ScrapeJob, work: () => Promise<T>): Promise<T> {
    const { body } = await this.#kube.request('GET', CONFIG);
    const before = (body as { data: Record<string, string> }).data['prometheus.yml'] ?? '';
    const config = parse(before) as { scrape_configs: ScrapeJob[] };
    const others = config.scrape_configs.filter(({ job_name }) => job_name !== job.job_name);
    const configured = (jobs: ScrapeJob[]): string => stringify({ ...config, scrape_configs: jobs });
    try {
      await this.#configure(configured([...others, job]));
      return await work();
    } finally {
      // As the chart wrote it, unless a run that was killed had left its job there.
      await this.#configure(others.length === config.scrape_configs.length ? before : configured(others));
    }
  }

  /** Anew, for a ConfigMap takes a minute to come to a pod that runs. */
  async #configure(text: string): Promise<void> {
    await this.#kube.request('PATCH', CONFIG, { contentType: 'application/merge-patch+json', body: { data: { 'prometheus.yml': text } } });
    await this.kill();
    await this.start();
  }

  async #scale(replicas: number): Promise<void> {
    const body = { spec: { replicas } };
    await this.#kube.request('PATCH', `${DEPLOYMENT}/scale`, { contentType: 'application/merge-patch+json', body });
  }

  async #pods(): Promise<PodLike[]> {
    return ((await this.#kube.request('GET', PODS)).body as { items: PodLike[] }).items;
  }
}
