import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { gauge } from '../bench/scale/gauge.ts';
import { loadEnds } from '../bench/scale/load-ends.ts';
import type { Bench, Outcome } from '../bench/scale/outcome.ts';
import { scaleDown } from '../bench/scale/scale-down.ts';
import { step } from '../bench/scale/step.ts';
import { web } from '../bench/scale/web.ts';
import { FunctionWatch } from '../support/function-watch.ts';
import { untilReady, withNamespace } from '../support/functions.ts';
import { call } from '../support/http.ts';
import { kubeFromEnvironment } from '../support/kube.ts';
import { apply, kubectl, must } from '../support/kubectl.ts';
import { killAll, Load } from '../support/load.ts';
import { until } from '../support/wait.ts';

const ns = 'e2e-autoscaler';
const kube = kubeFromEnvironment();
const bench: Bench = { kube, say: (line) => console.log(line) };

/** All bars of a scenario of the bench, met. */
function expectMet({ rows }: Outcome): void {
  const bars = rows.filter(({ met }) => met !== undefined);
  expect(bars.length).toBeGreaterThan(0);
  expect(bars.filter(({ met }) => !met).map(({ name, bar, figure }) => `${name}: ${figure} (bar: ${bar})`)).toEqual([]);
}

afterEach(killAll);
afterAll(() => kube.close());

/** A fast part of `make bench-scale`, which measures all of it. */
describe('the number of pods follows demand', () => {
  it('100 requests at once: ten pods asked for within a second, all answered', { timeout: 120_000 }, async () => {
    expectMet(await step(bench, 1));
  });

  it('goes to zero within idleSeconds and ten, and never before', { timeout: 150_000 }, async () => {
    expectMet(await loadEnds(bench, [5], 1));
  });

  it('takes idle pods, not the one that serves', { timeout: 180_000 }, async () => {
    expectMet(await scaleDown(bench, 3, 3));
  });

  it('follows a PromQL over a metric of somebody else’s', { timeout: 240_000 }, async () => {
    expectMet(await gauge(bench, 1));
  });
});

describe('a number of pods that a person decides', () => {
  let watch: FunctionWatch;
  const scale = { target: 5, idleSeconds: 2, stableWindowSeconds: 6, scaleDownDelaySeconds: 0 };
  const patch = (name: string, spec: object) => must(['patch', 'fn', name, '-n', ns, '--type=merge', '-p', JSON.stringify({ spec })]);

  beforeAll(async () => {
    await withNamespace(ns);
    await apply(web('paused', ns, 10, { ...scale, paused: true }), web('fixed', ns, 10, scale));
    await Promise.all(['paused', 'fixed'].map((name) => untilReady(name, ns)));
    watch = await FunctionWatch.start(kube, ns);
  });
  afterAll(async () => {
    watch.stop();
    await kubectl(['delete', 'namespace', ns, '--wait=false']);
  });

  it('spec.scale.paused: neither up nor down, but woken; then followed again', { timeout: 120_000 }, async () => {
    const { asked, scales } = watch.of('paused');
    expect((await call('paused', ns)).status).toBe(200);
    const woken = Date.now();
    const load = new Load(ns, ['paused'], '/slow?ms=100');
    load.clients(10);
    await sleep(6000);
    await load.stop();
    await sleep(6000);
    expect(asked.range(woken, Date.now())).toEqual({ min: 1, max: 1 });
    expect(scales.at(-1)?.scale.reason).toMatch(/paused/);
    expect(load.failures).toEqual([]);
    await patch('paused', { scale: { paused: false } });
    await until('zero', async () => asked.now === 0, 20_000);
  });

  it('kubectl scale fn: as many as that says, until spec.replicas is removed', { timeout: 120_000 }, async () => {
    const { asked, ready, scales } = watch.of('fixed');
    await must(['scale', 'fn', 'fixed', '-n', ns, '--replicas=2']);
    await until('two pods', async () => ready.now === 2, 30_000);
    const there = Date.now();
    await sleep(8000);
    expect(asked.range(there, Date.now())).toEqual({ min: 2, max: 2 });
    expect(scales.at(-1)?.scale.reason).toMatch(/spec\.replicas/);
    await patch('fixed', { replicas: null });
    await until('zero', async () => asked.now === 0, 20_000);
  });
});
