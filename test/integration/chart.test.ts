import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { buildHelm } from '../cluster/native/build.ts';
import { Chart, type Manifest, type PodSpec } from '../support/chart.ts';

interface PrometheusConfig {
  scrape_configs: { job_name: string; honor_labels?: boolean; metric_relabel_configs?: { regex: string }[] }[];
}

let chart: Chart;
const folder = mkdtempSync(path.join(tmpdir(), 'lull-chart-'));
beforeAll(async () => {
  chart = new Chart(await buildHelm());
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const at = path.join(folder, name);
  writeFileSync(at, text);
  return at;
}

const nameOf = ({ kind, metadata }: Manifest): string => `${kind}/${metadata.name}`;

/** The chart's objects by KIND/NAME; a name that is not there throws. */
function render(values: unknown = {}): (name: string) => Manifest {
  const all = new Map(chart.render(values).map((manifest) => [nameOf(manifest), manifest]));
  return (name) => {
    const manifest = all.get(name);
    if (!manifest) throw new Error(`${name} is not among ${[...all.keys()].join(', ')}`);
    return manifest;
  };
}

function promtool(...args: string[]): string {
  return execFileSync('promtool', args, { encoding: 'utf8', stdio: 'pipe' });
}

const THEIRS = { enabled: false, url: 'https://mimir.example:8080/prometheus' };
type Rendered = ReturnType<typeof render>;
const operatorPod = (manifest: Rendered): PodSpec => manifest('Deployment/lull-operator').spec.template.spec;
const operatorEnv = (manifest: Rendered): Record<string, string | undefined> =>
  Object.fromEntries(operatorPod(manifest).containers.flatMap(({ env }) => env.map(({ name, value }) => [name, value])));

describe('the chart', () => {
  const VARIANTS: [string, unknown, { with?: string[]; without?: string[] }][] = [
    [
      'as it is',
      {},
      {
        with: [
          'Deployment/lull-prometheus',
          'Service/lull-activator-metrics',
          'Service/lull-operator-metrics',
          'Service/lull-activator-control',
        ],
        without: ['ServiceMonitor/lull-activator', 'PrometheusRule/lull', 'ConfigMap/lull-dashboard'],
      },
    ],
    [
      'with a Prometheus that is there',
      { prometheus: THEIRS },
      {
        with: ['Service/lull-activator-metrics'],
        without: ['Deployment/lull-prometheus', 'ConfigMap/lull-prometheus', 'Service/lull-prometheus'],
      },
    ],
    [
      'with the Prometheus operator beside its own Prometheus',
      { prometheus: { serviceMonitor: { enabled: true }, rules: { enabled: true } }, grafana: { dashboards: { enabled: true } } },
      {
        with: ['Deployment/lull-prometheus', 'ServiceMonitor/lull-activator', 'ServiceMonitor/lull-operator', 'PodMonitor/lull-function'],
      },
    ],
    [
      'without what can be left out',
      {
        crds: { enabled: false },
        runtimes: { enabled: false },
        rbac: { aggregate: false },
        announce: { existingSecret: 'mine' },
        operator: { podDisruptionBudget: { enabled: false } },
        activator: { podDisruptionBudget: { enabled: false } },
      },
      { without: ['Secret/lull-announce-key', 'Runtime/python3.11', 'PodDisruptionBudget/lull-operator'] },
    ],
    [
      'with everything that can be added',
      {
        global: { imagePullSecrets: [{ name: 'pull' }], commonLabels: { team: 'a' }, priorityClassName: 'high' },
        operator: {
          nodeSelector: { a: 'b' },
          tolerations: [{ operator: 'Exists' }],
          affinity: { nodeAffinity: {} },
          podAnnotations: { a: 'b' },
        },
        activator: { tls: { existingSecret: 'cert' }, tracing: { otlpEndpoint: 'http://otel:4318' }, service: { annotations: { a: 'b' } } },
        prometheus: {
          alertmanagers: ['alertmanager.monitoring:9093'],
          serviceMonitor: { enabled: true, labels: { release: 'kps' } },
          rules: { enabled: true, labels: { release: 'kps' }, runbooks: 'https://wiki.example/lull' },
        },
        grafana: { dashboards: { enabled: true, annotations: { grafana_folder: 'Lull' } } },
      },
      { with: ['PrometheusRule/lull', 'ConfigMap/lull-dashboard'] },
    ],
    [
      'with a manager for Lambda’s API',
      { activator: { lambdaApi: { manage: { enabled: true, namespaces: ['shop'] } } }, prometheus: { serviceMonitor: { enabled: true } } },
      { with: ['Deployment/lull-manager', 'Role/lull-manager', 'Service/lull-manager-metrics', 'ServiceMonitor/lull-manager'] },
    ],
  ];
  it.each(VARIANTS)('renders %s', (_name, values, { with: wanted = [], without = [] }) => {
    const names = chart.render(values).map(nameOf);
    expect(names).toEqual(expect.arrayContaining(['Deployment/lull-operator', 'Deployment/lull-activator', ...wanted]));
    expect(names.filter((name) => without.includes(name))).toEqual([]);
  });

  it('has free pods of a warm pool, and what they have loaded, as it is told', () => {
    const manifest = render({
      runtimes: { warm: { 'python3.11': 3 }, preload: { 'python3.11': ['boto3', 'decimal'], 'nodejs24.x': ['node:crypto'] } },
    });
    const spec = (name: string): unknown => manifest(`Runtime/${name}`).spec;
    expect(spec('python3.11')).toMatchObject({ warm: 3, preload: ['boto3', 'decimal'] });
    expect(spec('nodejs24.x')).toMatchObject({ preload: ['node:crypto'] });
    expect(spec('python3.13')).toMatchObject({ preload: ['boto3'] });
  });

  const REFUSED: [string, unknown, RegExp][] = [
    ['two servers', { prometheus: { url: 'http://x' } }, /prometheus\.enabled and prometheus\.url exclude each other/],
    ['no server', { prometheus: { enabled: false } }, /the autoscaler needs a Prometheus/],
    ['a url that is none', { prometheus: { enabled: false, url: 'mimir:8080' } }, /prometheus\.url is "mimir:8080": give the base URL/],
    ['a password in the url', { prometheus: { enabled: false, url: 'https://me:secret@mimir' } }, /prometheus\.headers\.Authorization/],
    ['a url with /api/v1', { prometheus: { enabled: false, url: 'http://mimir/prometheus/api/v1/' } }, /leave \/api\/v1 out/],
    ['a token for its own Prometheus', { prometheus: { bearerTokenSecret: { name: 't' } } }, /are for the server at prometheus\.url/],
    ['headers for its own Prometheus', { prometheus: { headers: { a: 'b' } } }, /are for the server at prometheus\.url/],
    ['a CA without TLS', { prometheus: { enabled: false, url: 'http://x', caSecret: { name: 'c' } } }, /begins with https:\/\//],
    ['a header with a space', { prometheus: { ...THEIRS, headers: { 'X Scope': 'a' } } }, /no name of a header field/],
    ['a header that is a number', { prometheus: { ...THEIRS, headers: { 'X-Scope-OrgID': 7 } } }, /got number, want string/],
    [
      'a token and an Authorization',
      { prometheus: { ...THEIRS, bearerTokenSecret: { name: 't' }, headers: { authorization: 'Basic eA==' } } },
      /both say who asks/,
    ],
    ['a Secret without a key', { prometheus: { ...THEIRS, bearerTokenSecret: { name: 't', key: '' } } }, /bearerTokenSecret\/key/],
    ['a turn that is none', { activator: { startsPerCore: -1 } }, /startsPerCore/],
    ['modules that are no list', { runtimes: { preload: { 'python3.11': 'boto3' } } }, /want array/],
    ['a misspelled value', { prometheus: { servicemonitor: { enabled: true } } }, /'servicemonitor' not allowed/],
    ['an interval without a unit', { prometheus: { serviceMonitor: { interval: '15' } } }, /serviceMonitor\/interval/],
    [
      'a manager whose calls nobody passes on',
      { activator: { lambdaApi: { enabled: false, manage: { enabled: true } } } },
      /manage\.enabled needs activator\.lambdaApi\.enabled/,
    ],
    ['dashboards that are no object', { grafana: { dashboards: true } }, /grafana\/dashboards/],
  ];
  it.each(REFUSED)('refuses %s, with a sentence', (_name, values, sentence) => {
    expect(chart.refusal(values)).toMatch(sentence);
  });

  it('tells the operator how code is fetched and built, and lets it make Jobs, but read no Secret', () => {
    const builds = {
      env: [{ name: 'PIP_INDEX_URL', value: 'https://pypi.example/simple' }],
      resources: { limits: { cpu: 2 } },
      insecureRegistries: ['r:5000', 's:5000'],
    };
    const manifest = render({ builds });
    expect(operatorEnv(manifest)).toMatchObject({
      LULL_STORE: 'lull-store.lull-system.svc.cluster.local.:8090',
      LULL_FETCHER_IMAGE: expect.stringMatching(/\/fetcher:/),
      LULL_BUILD_ENV: JSON.stringify(builds.env),
      LULL_BUILD_RESOURCES: expect.stringContaining('"cpu":2'),
      LULL_BUILD_DEADLINE_SECONDS: '900',
      LULL_INSECURE_REGISTRIES: 'r:5000,s:5000',
    });
    const { rules } = manifest('ClusterRole/lull-system-lull-operator') as unknown as {
      rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[];
    };
    expect(rules).toContainEqual({ apiGroups: ['batch'], resources: ['jobs'], verbs: ['get', 'list', 'watch', 'create', 'delete'] });
    expect(rules.flatMap(({ resources }) => resources)).not.toContain('secrets');
    expect(chart.refusal({ builds: { env: { HTTPS_PROXY: 'x' } } })).toMatch(/builds\/env/);
  });

  it('tells the operator where Prometheus is, and how it lets one in', () => {
    const own = operatorEnv(render());
    expect(own).toMatchObject({
      LULL_PROMETHEUS_URL: 'http://lull-prometheus.lull-system.svc.cluster.local:9090',
      LULL_ACTIVATOR_CONTROL_SERVICE: 'lull-activator-control',
    });
    expect(own).toHaveProperty('LULL_NAMESPACE');
    for (const name of ['TOKEN_FILE', 'CA_FILE', 'HEADERS']) expect(own).not.toHaveProperty(`LULL_PROMETHEUS_${name}`);

    const headers = { 'X-Scope-OrgID': 'lull', Note: 'a "quoted" <word> & \\ more' };
    const manifests = render({
      prometheus: { ...THEIRS, bearerTokenSecret: { name: 'token', key: 't' }, caSecret: { name: 'ca' }, headers },
    });
    const env = operatorEnv(manifests);
    expect(env['LULL_PROMETHEUS_URL']).toBe(THEIRS.url);
    expect(JSON.parse(env['LULL_PROMETHEUS_HEADERS'] ?? '')).toEqual(headers);
    const { containers, volumes } = operatorPod(manifests);
    // Each file lies in a Secret's folder: with subPath it would never change.
    for (const [variable, secret, key] of [
      ['LULL_PROMETHEUS_TOKEN_FILE', 'token', 't'],
      ['LULL_PROMETHEUS_CA_FILE', 'ca', 'ca.crt'],
    ] as const) {
      const volume = volumes.find((one) => one.secret.secretName === secret);
      const mount = containers[0]?.volumeMounts.find(({ name }) => name === volume?.name);
      expect(volume?.secret.items).toEqual([{ key, path: path.posix.basename(env[variable] ?? '') }]);
      expect(mount).toEqual({ name: volume?.name, mountPath: path.posix.dirname(env[variable] ?? ''), readOnly: true });
    }
  });

  it('mounts the keys of Lambda’s API, which may come later, and closes it without any', () => {
    const activator = (values: unknown) => {
      const { containers, volumes } = render(values)('Deployment/lull-activator').spec.template.spec;
      const env = Object.fromEntries((containers[0]?.env ?? []).map(({ name, value }) => [name, value]));
      return {
        env,
        volume: volumes.find(({ name }) => name === 'lambda-keys'),
        mounts: containers[0]?.volumeMounts.map(({ name }) => name),
      };
    };
    const own = activator({});
    expect(own.env).toMatchObject({ LULL_LAMBDA_API: 'true', LULL_LAMBDA_API_ANONYMOUS: 'false' });
    expect(own.volume?.secret).toEqual({ secretName: 'lull-lambda-keys', optional: true });
    expect(own.mounts).toContain('lambda-keys');
    const named = activator({ activator: { lambdaApi: { credentialsSecret: 'mine', anonymous: true } } });
    expect([named.volume?.secret.secretName, named.env['LULL_LAMBDA_API_ANONYMOUS']]).toEqual(['mine', 'true']);
    const off = activator({ activator: { lambdaApi: { enabled: false } } });
    expect([off.env['LULL_LAMBDA_API'], off.volume, off.mounts?.includes('lambda-keys')]).toEqual(['false', undefined, false]);
  });

  it('lets nobody write Functions but a manager that is asked for, and there only where it is to', () => {
    const names = chart.render({}).map(nameOf);
    expect(names.filter((name) => name.includes('manager'))).toEqual([]);
    const rulesOf = (values: unknown, name: string) =>
      (render(values)(name) as unknown as { rules: { resources: string[]; verbs: string[] }[] }).rules;
    const writers = (rules: { resources: string[]; verbs: string[] }[]) =>
      rules.filter(({ verbs }) => verbs.includes('create')).map(({ resources }) => resources);
    const manage = (more: object) => ({ activator: { lambdaApi: { manage: { enabled: true, ...more } } } });
    const all = 'ClusterRole/lull-system-lull-manager';
    expect(writers(rulesOf(manage({}), all))).toEqual([['functions']]);
    expect(writers(rulesOf(manage({ namespaces: ['shop'] }), all))).toEqual([]);
    expect(writers(rulesOf(manage({ namespaces: ['shop'] }), 'Role/lull-manager'))).toEqual([['functions']]);
    for (const values of [{}, manage({})]) expect(writers(rulesOf(values, 'ClusterRole/lull-system-lull-activator'))).toEqual([]);
    const { containers } = render(manage({}))('Deployment/lull-activator').spec.template.spec;
    expect(containers[0]?.env.find(({ name }) => name === 'LULL_MANAGER')?.value).toBe('lull-manager.lull-system.svc.cluster.local:8092');
  });
});

describe("the chart's own Prometheus", () => {
  const config = (values: unknown = {}): Record<string, string> => render(values)('ConfigMap/lull-prometheus').data;

  it('has a configuration that Prometheus takes, the alerts loaded', () => {
    const data = config({
      prometheus: { alertmanagers: ['alertmanager.monitoring:9093'], rules: { runbooks: 'https://wiki.example/lull' } },
    });
    for (const [name, text] of Object.entries(data)) file(name, text);
    const said = promtool('check', 'config', path.join(folder, 'prometheus.yml'));
    expect(said).toContain('1 rule files found');
    expect(said).toContain('13 rules found');
    expect(data['lull.rules.yaml']).toContain('runbook_url: https://wiki.example/lull#lullatmax');
    expect(data['lull.rules.yaml']).not.toMatch(/runbook_url: RUNBOOKS/);
  });

  it('begins anew when its configuration changes, and only then', () => {
    const of = (values: unknown): unknown =>
      render(values)('Deployment/lull-prometheus').spec.template.metadata.annotations['lull.dev/config'];
    expect(of({})).toBe(of({ activator: { replicas: 3 } }));
    expect(of({})).not.toBe(of({ prometheus: { alertmanagers: ['a:9093'] } }));
    expect(of({})).not.toBe(of({ prometheus: { rules: { runbooks: 'https://wiki.example/lull' } } }));
  });

  it('takes from functions nothing that activators say', () => {
    const { scrape_configs: jobs } = parse(config()['prometheus.yml'] ?? '') as PrometheusConfig;
    const job = jobs.find(({ job_name: name }) => name === 'lull-function');
    expect(job).toBeDefined();
    expect(job?.honor_labels).toBeUndefined();
    const kept = new RegExp(`^(?:${job?.metric_relabel_configs?.[0]?.regex})$`);
    expect(['lull_bridge_direct_demand', 'lull_bridge_running', 'process_resident_memory_bytes'].every((name) => kept.test(name))).toBe(
      true,
    );
    expect(['lull_activator_function_demand', 'lull_autoscaler_prometheus_up', 'up'].some((name) => kept.test(name))).toBe(false);
  });
});

describe("somebody's own Prometheus", () => {
  const values = {
    prometheus: {
      serviceMonitor: { enabled: true, interval: '5s', labels: { release: 'kps' } },
      rules: { enabled: true, labels: { release: 'kps' } },
    },
  };

  it.each(['activator', 'operator'])('finds the metrics Service of the %s alone, and calls the job as the queries do', (component) => {
    const { spec, metadata } = render(values)(`ServiceMonitor/lull-${component}`);
    expect(metadata.labels.release).toBe('kps');
    const services = chart
      .render(values)
      .filter(
        (one) =>
          one.kind === 'Service' && Object.entries(spec.selector.matchLabels).every(([name, value]) => one.metadata.labels[name] === value),
      );
    expect(services.map((one) => one.metadata.name)).toEqual([`lull-${component}-metrics`]);
    expect(services[0]?.spec.ports.map((port) => port.name)).toContain(spec.endpoints[0]?.port);
    expect(spec.endpoints[0]).toMatchObject({
      interval: '5s',
      honorLabels: true,
      relabelings: [{ targetLabel: 'job', replacement: `lull-${component}` }],
    });
  });

  it("finds functions' pods everywhere, named by Kubernetes and not by themselves", () => {
    const { spec } = render(values)('PodMonitor/lull-function');
    expect(spec.namespaceSelector).toEqual({ any: true });
    expect(spec.podMetricsEndpoints[0]).toMatchObject({ port: 'lull-admin', honorLabels: false });
    const relabelings = spec.podMetricsEndpoints[0]?.relabelings ?? [];
    const labels = Object.fromEntries(relabelings.map((one) => [one.targetLabel, one.replacement ?? one.sourceLabels?.[0]]));
    expect(labels).toEqual({
      job: 'lull-function',
      namespace: '__meta_kubernetes_namespace',
      function: '__meta_kubernetes_pod_label_lull_dev_function',
      pod: '__meta_kubernetes_pod_name',
    });
  });

  it('has the same alerts as the chart’s own', () => {
    const all = render(values);
    const rule = all('PrometheusRule/lull');
    expect(rule.metadata.labels.release).toBe('kps');
    expect(rule.spec).toEqual(parse(all('ConfigMap/lull-prometheus').data['lull.rules.yaml'] ?? ''));
    promtool('check', 'rules', file('rule.yaml', stringify(rule.spec)));
  });

  it('has a dashboard that Grafana’s sidecar finds', () => {
    const { metadata, data } = render({ grafana: { dashboards: { enabled: true, annotations: { grafana_folder: 'Lull' } } } })(
      'ConfigMap/lull-dashboard',
    );
    expect(metadata.labels.grafana_dashboard).toBe('1');
    expect(metadata.annotations).toEqual({ grafana_folder: 'Lull' });
    expect((JSON.parse(data['lull.json'] ?? '') as { panels: unknown[] }).panels.length).toBeGreaterThan(20);
  });
});
