import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import {
  Client,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheDir } from '../../test/cluster/paths.ts';
import { fnObject, Rig } from '../testing/rig.ts';

const same = (value: Buffer): Buffer => value;
const kind = (name: string, requestStream: boolean, responseStream: boolean) => ({
  path: `/echo.Echo/${name}`,
  requestStream,
  responseStream,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
});
const ECHO = {
  Unary: kind('Unary', false, false),
  ClientStream: kind('ClientStream', true, false),
  ServerStream: kind('ServerStream', false, true),
  Duplex: kind('Duplex', true, true),
};

/** Echoes; metadata comes back as trailers; "fail" fails with details. */
const implementation = {
  Unary(call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) {
    const trailers = new Metadata();
    for (const value of call.metadata.get('x-given')) trailers.add('x-returned', value);
    if (call.request.toString() === 'fail') done({ code: status.FAILED_PRECONDITION, details: 'as asked', metadata: trailers });
    else done(null, call.request, trailers);
  },
  ClientStream(call: ServerReadableStream<Buffer, Buffer>, done: sendUnaryData<Buffer>) {
    const parts: Buffer[] = [];
    call.on('data', (part: Buffer) => parts.push(part));
    call.on('end', () => done(null, Buffer.concat(parts)));
  },
  ServerStream(call: ServerWritableStream<Buffer, Buffer>) {
    for (let i = 0; i < 100; i += 1) call.write(Buffer.from(`${call.request.toString()} ${i}`));
    call.end();
  },
  Duplex(call: ServerDuplexStream<Buffer, Buffer>) {
    call.on('data', (part: Buffer) => call.write(part));
    call.on('end', () => call.end());
  },
};

describe('gRPC through the activator', () => {
  const rig = new Rig();
  const server = new Server();
  let client: Client;
  beforeAll(async () => {
    await rig.listen();
    server.addService(ECHO, implementation as never);
    new HealthImplementation({ 'echo.Echo': 'SERVING' }).addToServer(server);
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))),
    );
    rig.add(fnObject('f', { concurrency: 10 }), 1);
    await rig.announce('f', port, 'pod-1');
    client = new Client(`127.0.0.1:${rig.port}`, credentials.createInsecure(), { 'grpc.default_authority': 'f.ns' });
  });
  afterAll(() => {
    client.close();
    server.forceShutdown();
    rig.close();
  });
  const fn = () => rig.plane.table.get('ns/f');

  it('unary, with metadata both ways', async () => {
    const metadata = new Metadata();
    metadata.add('x-given', 'a');
    const trailers = await new Promise<Metadata>((resolve, reject) => {
      const call = client.makeUnaryRequest(ECHO.Unary.path, same, same, Buffer.from('hello'), metadata, (error, value) =>
        error ? reject(error) : expect(value?.toString()).toBe('hello'),
      );
      call.on('status', (given) => resolve(given.metadata));
    });
    expect(trailers.get('x-returned')).toEqual(['a']);
  });

  it('unary, failing with a status', async () => {
    const error = await new Promise((resolve) =>
      client.makeUnaryRequest(ECHO.Unary.path, same, same, Buffer.from('fail'), (failure) => resolve(failure)),
    );
    expect(error).toMatchObject({ code: status.FAILED_PRECONDITION, details: 'as asked' });
  });

  it('client streaming', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const call = client.makeClientStreamRequest(ECHO.ClientStream.path, same, same, (error, value) =>
        error ? reject(error) : resolve(String(value)),
      );
      for (let i = 0; i < 50; i += 1) call.write(Buffer.from(`${i},`));
      call.end();
    });
    expect(answer).toBe(Array.from({ length: 50 }, (_, i) => `${i},`).join(''));
  });

  it('server streaming', async () => {
    const parts: string[] = [];
    const call = client.makeServerStreamRequest(ECHO.ServerStream.path, same, same, Buffer.from('n'));
    for await (const part of call) parts.push(String(part));
    expect(parts).toEqual(Array.from({ length: 100 }, (_, i) => `n ${i}`));
  });

  it('duplex, each answer before the next question', async () => {
    const call = client.makeBidiStreamRequest(ECHO.Duplex.path, same, same);
    for (let i = 0; i < 20; i += 1) {
      call.write(Buffer.from(`q${i}`));
      const answer = await new Promise<Buffer>((resolve) => call.once('data', resolve));
      expect(answer.toString()).toBe(`q${i}`);
    }
    call.end();
    await new Promise((resolve) => call.on('data', () => undefined).once('end', resolve));
    await expect.poll(() => fn()?.demand.now).toBe(0);
  });

  it('a call that the client cancels frees its slot', async () => {
    const call = client.makeBidiStreamRequest(ECHO.Duplex.path, same, same);
    call.on('error', () => undefined);
    call.write(Buffer.from('x'));
    await new Promise((resolve) => call.once('data', resolve));
    expect(fn()?.demand.now).toBe(1);
    call.cancel();
    await expect.poll(() => fn()?.demand.now).toBe(0);
  });

  it('is answered clearly when the pod does not speak HTTP/2', async () => {
    rig.add(fnObject('plain'), 1);
    await rig.pod('plain', (_req, res) => res.end('http/1'), 'pod-plain');
    const other = new Client(`127.0.0.1:${rig.port}`, credentials.createInsecure(), { 'grpc.default_authority': 'plain.ns' });
    const error = await new Promise((resolve) =>
      other.makeUnaryRequest(ECHO.Unary.path, same, same, Buffer.from('x'), (failure) => resolve(failure)),
    );
    expect(error).toMatchObject({ code: status.UNAVAILABLE });
    expect(String((error as Error).message)).toContain('PodSpeaksNoHttp2');
    other.close();
  });

  it('by Python’s grpcio: health and the four kinds', { timeout: 180_000 }, async () => {
    const venv = path.join(cacheDir, 'venv-grpcio');
    const run = promisify(execFile);
    if (!existsSync(path.join(venv, 'ready'))) {
      await run('python3', ['-m', 'venv', venv]);
      await run(path.join(venv, 'bin/pip'), [
        'install',
        '-q',
        '--disable-pip-version-check',
        'grpcio==1.76.0',
        'grpcio-health-checking==1.76.0',
      ]);
      await run('touch', [path.join(venv, 'ready')]);
    }
    const script = path.resolve(import.meta.dirname, '../testing/grpc_client.py');
    const { stdout } = await run(path.join(venv, 'bin/python'), [script, `127.0.0.1:${rig.port}`, 'f.ns']);
    expect(stdout.trim().split('\n')).toEqual([
      'health SERVING',
      'unary hello',
      'client 0,1,2,',
      'server 100',
      'duplex q0 q1 q2',
      'fail 9 as asked',
    ]);
  });
});
