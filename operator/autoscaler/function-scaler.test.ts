import { Registry } from 'prom-client';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LullFunction } from '../../common/api/function.ts';
import type { Scale } from '../../common/api/function-scale.ts';
import type { ScaleStatus } from '../../common/api/function-status.ts';
import type { Condition } from '../../common/api/meta.ts';
import { FunctionScaler, type Scalable, type Seen } from './function-scaler.ts';
import { IdlePlanners } from './idle/idle-planners.ts';
import { AutoscalerMetrics } from './metrics.ts';
import { ScheduleFloors } from './schedule.ts';
import { observed } from './testing/subject.ts';

describe('FunctionScaler', () => {
  let calls: string[];
  let statuses: { scale: ScaleStatus; condition: Condition }[];
  let scaled: (from: number) => boolean;
  let registry: Registry;
  let scaler: FunctionScaler;
  beforeEach(() => {
    calls = [];
    statuses = [];
    scaled = () => true;
    registry = new Registry();
    scaler = new FunctionScaler('ns/f', {
      scale: async (_namespace, _deployment, from, to) => {
        calls.push(`scale ${from} ${to}`);
        return scaled(from);
      },
      beforeScaleDown: async () => {
        calls.push('costs');
      },
      write: {
        status: async (_fn, scale, condition) => {
          statuses.push({ scale, condition });
        },
        event: (_fn, reason, note) => calls.push(`${reason}: ${note}`),
      },
      schedules: new ScheduleFloors(),
      idle: new IdlePlanners(),
      followed: () => undefined,
      metrics: new AutoscalerMetrics(registry, { queries: () => 0, activators: () => 0 }),
      onError: (_key, error) => calls.push(`error ${(error as Error).message}`),
    });
  });

  const fn = (scale: Scale = {}, over: Partial<LullFunction['spec']> = {}, metadata: object = {}): LullFunction => ({
    apiVersion: 'lull.dev/v1alpha1',
    kind: 'Function',
    metadata: { name: 'f', namespace: 'ns', generation: 1, ...metadata },
    spec: {
      runtime: 'python',
      handler: 'a.b',
      code: {},
      concurrency: 10,
      scale: { scaleDownDelaySeconds: 0, maxScaleDownRate: 1000, ...scale },
      ...over,
    },
  });
  const one = (of: LullFunction, replicas: number): Scalable => ({ fn: of, deployment: 'f-1', replicas, ready: replicas });
  const demand = (value: number, over = {}): Seen => ({
    observed: { observation: observed({ stable: value, panic: value, now: value }, over), windows: { stable: 60, panic: 6 } },
    missing: undefined,
    live: undefined,
    readMillisAgo: 0,
  });
  const START = Date.parse('2026-11-24T12:00:00Z');

  it('writes the scale, tells of it once, and is silent while nothing changes', async () => {
    await scaler.follow(one(fn(), 1), demand(35), START);
    expect(calls).toEqual(['scale 1 4', 'ScaledUp: 1 pod → 4: demand 35.0 over 60 s / target 10 → 4 pods, a burst: nothing is lowered']);
    expect(statuses).toHaveLength(1);
    expect(statuses[0]?.scale).toMatchObject({
      desired: 4,
      actual: 4,
      demand: '35.0 requests',
      window: '60 s',
      since: '2026-11-24T12:00:00Z',
    });
    expect(statuses[0]?.condition).toMatchObject({ type: 'ScalingActive', status: 'True', reason: 'Following' });
    // The cache lags behind by a moment: it is not written twice.
    await scaler.follow(one(fn(), 1), demand(35), START + 1000);
    for (let i = 2; i < 20; i += 1) await scaler.follow(one(fn(), 4), demand(35.5), START + i * 1000);
    expect(calls).toHaveLength(2);
    expect(statuses).toHaveLength(1);
  });

  it('tells again of a demand that has moved by a fifth, but not every time', async () => {
    await scaler.follow(one(fn(), 4), demand(31.2), START);
    for (let i = 1; i < 30; i += 1) await scaler.follow(one(fn(), 4), demand(i % 2 ? 40.9 : 31.2), START + i * 1000);
    expect(statuses.length).toBeGreaterThan(1);
    expect(statuses.length).toBeLessThanOrEqual(4);
  });

  it('says before a scale-down which pods are busy, but not before going to zero', async () => {
    await scaler.follow(one(fn(), 5), demand(25), START);
    expect(calls.slice(0, 2)).toEqual(['costs', 'scale 5 3']);
    calls.length = 0;
    await scaler.follow(one(fn({ idleSeconds: 2 }), 3), demand(0), START + 5000);
    await scaler.follow(one(fn({ idleSeconds: 2 }), 3), demand(0), START + 9000);
    expect(calls.filter((call) => call.startsWith('scale') || call === 'costs').at(-1)).toBe('scale 3 0');
  });

  it('tries again when somebody else has written meanwhile', async () => {
    scaled = () => false;
    await scaler.follow(one(fn(), 1), demand(35), START);
    scaled = () => true;
    await scaler.follow(one(fn(), 2), demand(35), START + 100);
    expect(calls.filter((call) => call.startsWith('scale'))).toEqual(['scale 1 4', 'scale 2 4']);
  });

  it('says what speaks against scaling', async () => {
    const said = async (seen: Seen, of = fn()) => {
      await scaler.follow(one(of, 2), seen, START + statuses.length * 60_000);
      return statuses.at(-1)?.condition;
    };
    const nothing = { observed: undefined, missing: 'connect ECONNREFUSED', live: undefined, readMillisAgo: 0 };
    expect(await said(nothing)).toMatchObject({
      status: 'False',
      reason: 'PrometheusUnavailable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    expect(await said(demand(15))).toMatchObject({ status: 'True', reason: 'Following' });
    expect(await said({ ...nothing, missing: undefined, observed: { refused: 'a window is too short' } })).toMatchObject({
      reason: 'WindowTooShort',
    });
    const query = fn({ metrics: [{ type: 'prometheus', target: 1, query: 'x(' }] });
    expect(await said(demand(15, { metrics: [{ error: 'parse error: unclosed left parenthesis' }] }), query)).toMatchObject({
      status: 'False',
      reason: 'QueryFailed',
      message: expect.stringMatching(/metrics\[0\] \(PromQL\): parse error: unclosed/),
    });
    expect(await said(demand(15), fn({ schedule: [{ cron: '99 * * * *', min: 1 }] }))).toMatchObject({ reason: 'InvalidSchedule' });
    expect(await said(demand(15), fn({ paused: true }))).toMatchObject({ reason: 'Paused' });
    expect(await said({ ...nothing, missing: undefined, observed: { missing: 'no sample' } })).toMatchObject({
      status: 'Unknown',
      reason: 'NoSample',
    });
    expect(calls.filter((call) => call.startsWith('Following'))).toHaveLength(1);
  });

  it('leaves a function alone that a HorizontalPodAutoscaler has, and says so', async () => {
    await scaler.follow({ ...one(fn({}, { replicas: 3 }), 3), hpa: { name: 'theirs', of: 'Function' } }, demand(100), START);
    expect(calls).toEqual([]);
    expect(statuses[0]?.scale.reason).toMatch(
      /left alone: fixed at 3 pods by spec\.replicas, which HorizontalPodAutoscaler "theirs" writes/,
    );
    expect(statuses[0]?.condition).toMatchObject({ status: 'False', reason: 'Fixed' });
    await scaler.follow({ ...one(fn(), 5), hpa: { name: 'theirs', of: 'Deployment' } }, demand(100), START + 60_000);
    expect(calls.filter((call) => call.startsWith('scale'))).toEqual([]);
    expect(statuses[1]?.scale.reason).toMatch(/fixed at 5 pods by HorizontalPodAutoscaler "theirs"/);
  });

  it('keeps the floor of the schedule', async () => {
    const schedule = [{ cron: '0 8 * * *', timeZone: 'UTC', min: 3 }];
    await scaler.follow(one(fn({ schedule }), 0), demand(0), START);
    expect(calls[0]).toBe('scale 0 3');
    expect(statuses[0]?.scale.reason).toMatch(/at least 3 pods by spec\.scale\.schedule "0 8 \* \* \*" UTC/);
  });

  it('an error is told, and the next look goes on', async () => {
    scaled = () => {
      throw new Error('refused');
    };
    await scaler.follow(one(fn(), 1), demand(35), START);
    expect(calls).toEqual(['scale 1 4', 'error refused']);
    scaled = () => true;
    await scaler.follow(one(fn(), 1), demand(35), START + 3000);
    expect(calls.at(-1)).toMatch(/ScaledUp/);
  });

  it('its series go with it', async () => {
    const metrics = new AutoscalerMetrics(new Registry(), { queries: () => 0, activators: () => 0 });
    expect(metrics).toBeDefined();
    await scaler.follow(one(fn(), 1), demand(35), START);
    expect(await registry.metrics()).toMatch(
      /lull_autoscaler_metric_value\{namespace="ns",function="f",metric="concurrency",window="stable"\} 35/,
    );
    expect(await registry.metrics()).toMatch(/lull_autoscaler_decisions_total\{namespace="ns",function="f",direction="up"\} 1/);
  });
});
