import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSignature } from '../../common/lambda-api/signature.ts';
import { canonicalRequest, checkSignature, signingKeyOf } from '../../common/lambda-api/sigv4.ts';
import { callAt } from '../../test/support/http.ts';
import { fnObject, Rig } from '../testing/rig.ts';
import { ALL, errorOf, LambdaRig } from './testing/lambda-rig.ts';

/** Stands where lull-manager does, and checks what reaches it as that would. */
class Checking {
  readonly seen: string[] = [];
  readonly server: Server = createServer((req, res) => {
    const hash = createHash('sha256');
    let bytes = 0;
    req.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      hash.update(chunk);
    });
    req.on('end', () => {
      this.seen.push(`${req.method} ${req.url} ${bytes} ${verdict(req, hash.digest('hex'))}`);
      res.writeHead(201, { 'Content-Type': 'application/json', 'x-amzn-RequestId': 'theirs' }).end('{"made":true}');
    });
  });
}

function verdict(req: IncomingMessage, bodyHash: string): string {
  const request = { method: req.method ?? '', target: req.url ?? '', header: (name: string) => req.headers[name] as string | undefined };
  const signature = readSignature(request);
  try {
    checkSignature(signature, canonicalRequest(request, signature, bodyHash), signingKeyOf(ALL.secret, signature));
    return 'right';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('the way to the manager', () => {
  const manager = new Checking();
  let rig: LambdaRig;
  beforeAll(async () => {
    await new Promise<void>((resolve) => manager.server.listen(0, '127.0.0.1', resolve));
    rig = new LambdaRig(1500, 3, { host: '127.0.0.1', port: (manager.server.address() as AddressInfo).port });
    await rig.listen();
    await rig.start('f', 1);
  }, 30_000);
  afterAll(() => {
    rig.close();
    manager.server.closeAllConnections();
    manager.server.close();
  });

  it('calls that are about functions pass as they were signed, whatever their size', async () => {
    const body = randomBytes(20 << 20);
    const answer = await rig.send('/2015-03-31/functions?x=%20y', {
      body,
      headers: { 'content-type': 'application/json', 'x-request-id': 'own-1' },
    });
    expect([answer.status, answer.body, answer.headers['x-amzn-requestid']]).toEqual([201, '{"made":true}', 'theirs']);
    expect(manager.seen).toEqual([`POST /2015-03-31/functions?x=%20y ${20 << 20} right`]);
    // Nothing of it was kept, and nothing is left of it.
    expect(rig.plane.open).toBe(0);
  });

  it('invocations do not go there', async () => {
    manager.seen.length = 0;
    expect((await rig.invoke('f', 7)).body).toBe('7');
    expect(manager.seen).toEqual([]);
  });

  it('where nobody needs a key, what is read is read here; the manager asks for one in any case', async () => {
    manager.seen.length = 0;
    const { port } = manager.server.address() as AddressInfo;
    const open = new Rig(1500, 3, { lambdaApi: { authentication: undefined, manager: { host: '127.0.0.1', port } } });
    await open.listen();
    open.plane.table.functionChanged(fnObject('g'));
    const get = await callAt('127.0.0.1', open.port, { path: '/2015-03-31/functions/g.ns' });
    expect([get.status, JSON.parse(get.body)]).toMatchObject([200, { Configuration: { FunctionName: 'g.ns' } }]);
    expect(manager.seen).toEqual([]);
    open.close();
  });

  it('a manager that is away is told in AWS’s words, and found when it is back', async () => {
    const { port } = manager.server.address() as AddressInfo;
    manager.server.closeAllConnections();
    await new Promise((resolve) => manager.server.close(resolve));
    const away = rig.send('/2015-03-31/functions/f', { method: 'GET' });
    expect(errorOf(await away)).toEqual([500, 'ServiceException', expect.stringContaining('lull-manager')]);
    await new Promise<void>((resolve) => manager.server.listen(port, '127.0.0.1', resolve));
    expect((await rig.send('/2015-03-31/functions/f', { method: 'GET' })).status).toBe(201);
  }, 30_000);
});
