import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { exec } from '../../test/cluster/exec.ts';
import { step } from '../../test/cluster/log.ts';
import { cacheDir } from '../../test/cluster/paths.ts';
import { listen } from './listen.ts';

const PACKAGES = ['moto[s3]==5.2.1', 'flask==3.1.3', 'flask-cors==6.0.2'];
/** Of the calls that prepare it, which come before signatures are asked for. */
const CALLS = 10;
const READING = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::mine/public/*' }],
});
const ANYBODY = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' }] });

/** The PyPI package moto, installed into the cache once. */
async function python(): Promise<string> {
  const venv = join(cacheDir, 'venv-moto-5.2.1');
  const ready = join(venv, 'ready');
  if (!existsSync(ready)) {
    step('moto: installing');
    await exec('python3', ['-m', 'venv', '--clear', venv]);
    await exec(join(venv, 'bin/pip'), ['install', '-q', '--disable-pip-version-check', ...PACKAGES]);
    writeFileSync(ready, '');
    step('moto: ready');
  }
  return join(venv, 'bin/python');
}

/** Keys as a Secret holds them. */
export type Keys = Record<'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY', string> & { AWS_SESSION_TOKEN?: string };

/**
 * An S3-compatible server that calculates each request's signature anew (by botocore, AWS's own code) and looks into IAM whether its user may, with a bucket `mine` of which a user
 * and a role may read what is under `public/`.
 */
export class SignedS3 {
  readonly #process: ChildProcess;
  readonly endpoint: string;
  /** Of the user. */
  keys: Keys = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
  /** Of the role, for an hour, with a session token. */
  temporary: Keys = this.keys;

  private constructor(process: ChildProcess, endpoint: string) {
    this.#process = process;
    this.endpoint = endpoint;
  }

  /** @param at the address on which it listens */
  static async start(objects: Readonly<Record<string, Buffer>>, at = '127.0.0.1'): Promise<SignedS3> {
    const probe = createServer();
    const address = await listen(probe, at);
    await new Promise((resolve) => probe.close(resolve));
    const [host = '', port = ''] = address.split(':');
    const child = spawn(await python(), ['-m', 'moto.server', '-H', host, '-p', port], {
      env: { PATH: process.env['PATH'], INITIAL_NO_AUTH_ACTION_COUNT: String(CALLS) },
      stdio: 'ignore',
    });
    const server = new SignedS3(child, `http://${address}`);
    await server.#ready();
    await server.#prepare(objects);
    return server;
  }

  stop(): void {
    this.#process.kill();
  }

  async #prepare(objects: Readonly<Record<string, Buffer>>): Promise<void> {
    let calls = 0;
    const call = async (service: string, fields: Record<string, string>): Promise<string> => {
      calls += 1;
      return await this.#call(service, fields);
    };
    const client = this.#client();
    await client.send(new CreateBucketCommand({ Bucket: 'mine' }));
    for (const [key, body] of Object.entries(objects)) await client.send(new PutObjectCommand({ Bucket: 'mine', Key: key, Body: body }));
    calls += 1 + Object.keys(objects).length;
    await call('iam', { Action: 'CreateUser', UserName: 'reader' });
    await call('iam', { Action: 'PutUserPolicy', UserName: 'reader', PolicyName: 'read', PolicyDocument: READING });
    await call('iam', { Action: 'CreateRole', RoleName: 'reading', AssumeRolePolicyDocument: ANYBODY });
    await call('iam', { Action: 'PutRolePolicy', RoleName: 'reading', PolicyName: 'read', PolicyDocument: READING });
    this.keys = keysIn(await call('iam', { Action: 'CreateAccessKey', UserName: 'reader' }));
    const role = { RoleArn: 'arn:aws:iam::123456789012:role/reading', RoleSessionName: 'test' };
    this.temporary = keysIn(await call('sts', { Action: 'AssumeRole', ...role }));
    while (calls < CALLS) await call('iam', { Action: 'ListUsers' });
    client.destroy();
  }

  #client(): S3Client {
    const { endpoint } = this;
    const credentials = { accessKeyId: 'anybody', secretAccessKey: 'anything' };
    return new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, requestChecksumCalculation: 'WHEN_REQUIRED', credentials });
  }

  /** A call of AWS's query protocol; for which service it is, moto reads in the scope of the credentials. */
  async #call(service: string, fields: Record<string, string>): Promise<string> {
    const scope = `Credential=anybody/20260101/us-east-1/${service}/aws4_request`;
    const response = await fetch(this.endpoint, {
      method: 'POST',
      headers: { authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=0` },
      body: new URLSearchParams({ Version: service === 'iam' ? '2010-05-08' : '2011-06-15', ...fields }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${fields['Action']}: ${response.status} ${text}`);
    return text;
  }

  async #ready(): Promise<void> {
    for (;;) {
      if (this.#process.exitCode !== null) throw new Error(`moto ended with exit code ${this.#process.exitCode}`);
      const answered = await fetch(`${this.endpoint}/moto-api/`).catch(() => undefined);
      if (answered) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function keysIn(xml: string): Keys {
  const field = (name: string): string | undefined => new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1];
  const token = field('SessionToken');
  return {
    AWS_ACCESS_KEY_ID: field('AccessKeyId') ?? '',
    AWS_SECRET_ACCESS_KEY: field('SecretAccessKey') ?? '',
    ...(token !== undefined && { AWS_SESSION_TOKEN: token }),
  };
}
