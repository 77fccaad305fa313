import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { fnObject, Rig } from './testing/rig.ts';
import { startTracing } from './tracing.ts';

interface OtlpSpan {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  attributes: { key: string; value: { stringValue?: string; intValue?: number } }[];
}

it('a caller’s trace goes on through the activator to the pod, and its spans reach the collector', async () => {
  const received: OtlpSpan[] = [];
  const collector = createServer((req, res) => {
    let text = '';
    req.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    req.on('end', () => {
      const body = JSON.parse(text) as { resourceSpans: { scopeSpans: { spans: OtlpSpan[] }[] }[] };
      received.push(...body.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)));
      res.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  const tracing = await startTracing({ endpoint, ratio: 0, instance: 'test' });
  const rig = new Rig(5000, 100, { tracing });
  await rig.listen();
  rig.add(fnObject('f'));
  const seen: string[] = [];
  const trace = '0af7651916cd43dd8448eb211c80319c';
  const call = rig.call('f', { path: '/a?b', headers: { traceparent: `00-${trace}-b7ad6b7169203331-01` } });
  await rig.pod('f', (req, res) => {
    seen.push(String(req.headers['traceparent']));
    res.end('ok');
  });
  expect((await call).status).toBe(200);
  // Not traced: nobody asked for it, and the ratio is 0; the pod is told so.
  await rig.call('f');
  await tracing.shutdown();
  const root = received.find(({ name }) => name === 'GET ns/f');
  expect(root).toMatchObject({ traceId: trace, parentSpanId: 'b7ad6b7169203331' });
  expect(seen[0]).toBe(`00-${trace}-${root?.spanId}-01`);
  expect(seen[1]).toMatch(/-00$/);
  expect(root?.attributes).toContainEqual({ key: 'http.response.status_code', value: { intValue: 200 } });
  expect(root?.attributes).toContainEqual({ key: 'url.path', value: { stringValue: '/a' } });
  const parts = received.filter(({ parentSpanId }) => parentSpanId === root?.spanId).map(({ name }) => name);
  expect(parts).toContain('cold start: announce');
  expect(received.length).toBe(1 + parts.length);
  rig.close();
  collector.close();
});
