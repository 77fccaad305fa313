import { afterEach, expect, it, vi } from 'vitest';
import { Bridge } from './testing/bridge.ts';

let bridge: Bridge | undefined;
afterEach(() => bridge?.kill());

it('answers preflights without the handler, and says on every answer who may read it', async () => {
  const cors = { allowOrigins: ['https://shop.example'], allowMethods: ['GET'], exposeHeaders: ['x-b'], maxAge: 60 };
  bridge = await Bridge.start({ control: '127.0.0.1:1', http: '127.0.0.1:1', env: { LULL_CORS: JSON.stringify(cors) } });
  const asked = { origin: 'https://shop.example', 'access-control-request-method': 'GET' };
  const preflight = await bridge.callByActivator({ method: 'OPTIONS', headers: asked });
  expect([preflight.status, preflight.body]).toEqual([200, '']);
  expect(preflight.headers).toMatchObject({
    'access-control-allow-origin': 'https://shop.example',
    'access-control-allow-methods': 'GET',
    'access-control-max-age': '60',
    vary: 'Origin',
  });
  const answer = await bridge.callByActivator({ headers: { origin: 'https://shop.example' } });
  expect(answer.headers).toMatchObject({
    'access-control-allow-origin': 'https://shop.example',
    'access-control-expose-headers': 'x-b',
    vary: 'Origin',
  });
  const other = await bridge.callByActivator({ headers: { origin: 'https://evil.example' } });
  expect(other.status).toBe(200);
  expect(other.headers).not.toHaveProperty('access-control-allow-origin');
  // An OPTIONS request that is no preflight is the handler's.
  expect((await bridge.callByActivator({ method: 'OPTIONS' })).body).toContain('"method":"OPTIONS"');
  const { body } = await bridge.callByActivator({ path: '/last' });
  expect(body).toContain('/last');
  await vi.waitFor(() => expect(bridge?.output).toContain('ran /last'));
  expect(bridge.output.match(/START RequestId/g)).toHaveLength(4);
});
