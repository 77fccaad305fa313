import { expect, it } from 'vitest';
import { DirectMetrics } from './direct-metrics.ts';

it('is there from the start, with every class of status, as zeros', () => {
  const text = new DirectMetrics('shop', 'cart', () => 0).render().join('\n');
  for (const code of ['2xx', '3xx', '4xx', '5xx', '499'])
    expect(text).toContain(`lull_bridge_direct_requests_total{namespace="shop",function="cart",code="${code}"} 0`);
  for (const name of ['demand_seconds_total', 'demand', 'overflow_total'])
    expect(text).toContain(`lull_bridge_direct_${name}{namespace="shop",function="cart"} 0`);
});

it('is the integral of demand over time', () => {
  let now = 0;
  const metrics = new DirectMetrics('shop', 'cart', () => now);
  metrics.begun();
  metrics.begun();
  now = 1500;
  metrics.ended(200);
  now = 2000;
  const text = metrics.render().join('\n');
  // 2 for 1.5 s and 1 for 0.5 s.
  expect(text).toContain('demand_seconds_total{namespace="shop",function="cart"} 3.5');
  expect(text).toContain('direct_demand{namespace="shop",function="cart"} 1');
  expect(text).toContain('code="2xx"} 1');
});
