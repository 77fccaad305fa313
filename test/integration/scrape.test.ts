import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildHelm } from '../cluster/native/build.ts';
import { Chart } from '../support/chart.ts';
import { Prometheus } from '../support/prometheus.ts';
import { until } from '../support/wait.ts';

/** What a pod of ns/mine exposes that would like to be ns/other, an activator, and the operator. */
const FORGED = `
lull_bridge_running 3
lull_bridge_direct_demand{namespace="ns",function="mine"} 1
lull_bridge_direct_demand{namespace="other",function="theirs",pod="another"} 1000
lull_activator_function_demand{namespace="other",function="theirs"} 1000
lull_autoscaler_prometheus_up 0
leader_election_master_status 0
`;

describe("the chart's Prometheus, scraping a function's pod", () => {
  let prometheus: Prometheus;
  const pod: Server = createServer((req, res) => {
    if (req.url === '/metrics') return res.end(FORGED);
    res.setHeader('content-type', 'application/json');
    const { port } = pod.address() as { port: number };
    return res.end(JSON.stringify([{ targets: [`127.0.0.1:${port}`], labels: { namespace: 'ns', function: 'mine', pod: 'mine-1' } }]));
  });

  beforeAll(async () => {
    const manifests = new Chart(await buildHelm()).render({});
    const config = manifests.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'lull-prometheus');
    pod.listen(0, '127.0.0.1');
    await once(pod, 'listening');
    const { port } = pod.address() as { port: number };
    const operator = 'lull-operator-metrics.lull-system.svc.cluster.local:9090';
    const text = config?.data['prometheus.yml'] ?? '';
    expect(text).toContain(`http://${operator}/sd/functions`);
    prometheus = await Prometheus.start({
      ...config?.data,
      'prometheus.yml': text.replace(`http://${operator}/`, `http://127.0.0.1:${port}/`),
    });
    await until('a scrape', async () => (await prometheus.query('lull_bridge_running')).length > 0);
  }, 600_000);
  afterAll(async () => {
    await prometheus?.stop();
    pod.close().closeAllConnections();
  });

  it('calls it as the operator does, under the job that the queries expect', async () => {
    const labels = { job: 'lull-function', namespace: 'ns', function: 'mine', pod: 'mine-1' };
    expect(await prometheus.query('up{job="lull-function"}')).toMatchObject([labels]);
    expect(await prometheus.query('lull_bridge_running')).toEqual([
      { __name__: 'lull_bridge_running', instance: expect.stringContaining('127.0.0.1:'), ...labels },
    ]);
  });

  it('does not let it speak for another, or as an activator or the operator', async () => {
    expect(await prometheus.query('{namespace="other"} or {function="theirs"} or {pod="another"}')).toEqual([]);
    expect(await prometheus.query('{__name__=~"lull_activator_.+|lull_autoscaler_.+|leader_election_.+"}')).toEqual([]);
  });

  it('has loaded the alerts', async () => {
    const answer = await fetch(`${prometheus.url}/api/v1/rules?type=alert`);
    const { data } = (await answer.json()) as { data: { groups: { rules: unknown[] }[] } };
    expect(data.groups.flatMap(({ rules }) => rules)).toHaveLength(13);
  });
});
