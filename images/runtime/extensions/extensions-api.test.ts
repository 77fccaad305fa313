import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { callAt } from '../../../test/support/http.ts';
import { readConfig } from '../config.ts';
import type { Invocation } from '../invocation.ts';
import { ExtensionHost, type Owner } from './host.ts';

/** Internal extensions, which a handler's process registers: call by call. */
const env = {
  LULL_NAMESPACE: 'ns',
  LULL_FUNCTION: 'f',
  LULL_REVISION: 'f-1',
  LULL_POD: 'pod-1',
  LULL_POD_IP: '127.0.0.1',
  LULL_ACTIVATOR: '127.0.0.1:1',
  LULL_TOKEN: 'token',
  LULL_HANDLER: 'app.handler',
  LULL_COMMAND: '["x"]',
};
const API = '/2020-01-01/extension';
const UNKNOWN = '00000000-0000-4000-8000-000000000000';

describe('the Extensions API', () => {
  const owner: Owner = { address: '127.0.0.1:1' };
  const log = vi.fn();
  let host: ExtensionHost;
  let server: Server;
  beforeEach(async () => {
    log.mockReset();
    host = new ExtensionHost({ config: readConfig(env), log, arn: 'arn:f', failed: vi.fn() });
    server = createServer((req, res) => host.request(owner, req.url ?? '', req, res)).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });

  const send = (method: string, path: string, headers: Record<string, string> = {}, body = '') =>
    callAt('127.0.0.1', (server.address() as AddressInfo).port, { method, path, headers, body });
  const register = (name: string, body = '{"events":["INVOKE"]}', headers = {}) =>
    send('POST', `${API}/register`, { 'Lambda-Extension-Name': name, ...headers }, body);
  const registered = async (name: string, body?: string): Promise<string> =>
    String((await register(name, body)).headers['lambda-extension-identifier']);
  const next = (id: string) => send('GET', `${API}/event/next`, { 'Lambda-Extension-Identifier': id });
  const error = (kind: 'init' | 'exit', id: string, type = 'Mine.Reason') =>
    send('POST', `${API}/${kind}/error`, { 'Lambda-Extension-Identifier': id, 'Lambda-Extension-Function-Error-Type': type });
  const typeOf = async (answer: ReturnType<typeof send>) => {
    const { status, body } = await answer;
    return [status, (JSON.parse(body) as { errorType: string }).errorType];
  };
  const invocation = { id: 'id-1', deadline: 5, traceId: 'Root=1', started: performance.now() } as Invocation;
  const finished = (done: () => void) =>
    host.finished(owner, { invocation, answered: performance.now(), producedBytes: 2, status: 'success', errorType: undefined }, done);

  it('registers, with the account where that is asked for', async () => {
    expect(await register('one')).toMatchObject({
      status: 200,
      body: '{"functionName":"f","functionVersion":"$LATEST","handler":"app.handler"}',
      headers: { 'lambda-extension-identifier': expect.stringMatching(/^[0-9a-f-]{36}$/) as string },
    });
    const two = await register('two', '{}', { 'Lambda-Extension-Accept-Feature': 'other, accountId' });
    expect(JSON.parse(two.body)).toMatchObject({ accountId: '000000000000' });
  });

  it.each<[string, () => ReturnType<typeof send>, number, string]>([
    ['no name', () => send('POST', `${API}/register`, {}, '{}'), 403, 'Extension.InvalidExtensionName'],
    ['no JSON', () => register('x', 'events'), 403, 'InvalidRequestFormat'],
    ['events that are no list', () => register('x', '{"events":"INVOKE"}'), 403, 'InvalidRequestFormat'],
    ['configuration keys', () => register('x', '{"configurationKeys":["a"]}'), 403, 'InvalidRequestFormat'],
    ['SHUTDOWN, which is for external ones', () => register('x', '{"events":["SHUTDOWN"]}'), 403, 'Extension.InvalidEventType'],
    ['no identifier', () => send('GET', `${API}/event/next`), 403, 'Extension.MissingExtensionIdentifier'],
    ['an identifier that is none', () => next('7'), 403, 'Extension.InvalidExtensionIdentifier'],
    ['an unknown identifier', () => next(UNKNOWN), 403, 'Extension.UnknownExtensionIdentifier'],
    ['an unknown identifier in an error', () => error('exit', UNKNOWN), 403, 'Extension.UnknownExtensionIdentifier'],
    [
      'an unknown identifier for telemetry',
      () => send('PUT', '/2022-07-01/telemetry', { 'Lambda-Extension-Identifier': UNKNOWN }),
      403,
      'Extension.UnknownExtensionIdentifier',
    ],
    ['another path', () => send('GET', `${API}/event`), 404, 'NotFound'],
    ['another method', () => send('GET', `${API}/register`), 405, 'MethodNotAllowed'],
  ])('refuses %s', async (_, call, status, type) => {
    expect(await typeOf(call())).toEqual([status, type]);
  });

  it('refuses what does not fit what came before', async () => {
    const id = await registered('one');
    expect(await typeOf(register('one'))).toEqual([403, 'Extension.InvalidExtensionState']);
    expect(await typeOf(error('init', id, ''))).toEqual([403, 'Extension.MissingHeader']);
    expect((await error('init', id)).status).toBe(202);
    expect((await error('init', id)).status).toBe(202);
    expect(await typeOf(next(id))).toEqual([403, 'Extension.InvalidExtensionState']);
    expect(await typeOf(error('exit', id))).toEqual([403, 'Extension.InvalidExtensionState']);
  });

  it('has ten, and after the initialization no more', async () => {
    for (let i = 0; i < 10; i++) await registered(`e${i}`);
    expect(await typeOf(register('e10'))).toEqual([403, 'Extension.TooManyExtensions']);
    host.initialized(owner, () => 1, vi.fn());
    expect(await typeOf(register('late'))).toEqual([403, 'Extension.RegistrationClosed']);
  });

  it('the initialization waits for each, and so does the end of an invocation for those who were told of it', async () => {
    const [listens, quiet] = [await registered('listens'), await registered('quiet', '{"events":[]}')];
    const initialized = vi.fn();
    host.initialized(owner, () => 1, initialized);
    const event = next(listens);
    const never = next(quiet).catch(() => 'broken off');
    await vi.waitFor(() => expect(initialized).toHaveBeenCalledOnce());
    expect(log.mock.calls.map(([, line]) => line as string)).toEqual([
      'EXTENSION\tName: listens\tState: Ready\tEvents: [INVOKE]',
      'EXTENSION\tName: quiet\tState: Ready\tEvents: []',
    ]);
    expect(await typeOf(next(listens))).toEqual([403, 'Extension.InvalidExtensionState']);
    host.invoke(owner, invocation);
    expect(JSON.parse((await event).body)).toMatchObject({ eventType: 'INVOKE', requestId: 'id-1', deadlineMs: 5 });
    const done = vi.fn();
    finished(done);
    expect(done).not.toHaveBeenCalled();
    const second = next(listens).catch(() => 'broken off');
    await vi.waitFor(() => expect(done).toHaveBeenCalledOnce());
    server.closeAllConnections();
    expect(await Promise.all([never, second])).toEqual(['broken off', 'broken off']);
  });

  it('one whose call for the next event broke off may ask again', async () => {
    const id = await registered('one');
    const first = next(id).catch(() => 'broken off');
    await vi.waitFor(() => expect(host.internal(owner, 'one')?.isReady).toBe(true));
    server.closeAllConnections();
    expect(await first).toBe('broken off');
    const again = next(id);
    await vi.waitFor(() => {
      host.invoke(owner, invocation);
      expect(host.internal(owner, 'one')?.state).toBe('Running');
    });
    expect((await again).status).toBe(200);
  });

  it('subscribes once to one of the two, and only while the environment is initialized', async () => {
    const id = await registered('one');
    const put = (path: string) =>
      send('PUT', path, { 'Lambda-Extension-Identifier': id }, '{"types":["function"],"destination":{"protocol":"TCP","port":1}}');
    expect(await put('/2020-08-15/logs')).toMatchObject({ status: 200, body: '"OK"' });
    expect(await typeOf(put('/2022-07-01/telemetry'))).toEqual([400, 'ValidationError']);
    host.initialized(owner, () => 1, vi.fn());
    expect(await typeOf(put('/2020-08-15/logs/'))).toEqual([403, 'Logs.SubscriptionClosed']);
  });
});
