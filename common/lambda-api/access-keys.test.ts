import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AccessKey } from './access-key.ts';
import { AccessKeys } from './access-keys.ts';

const SECRET = 'secretAccessKey: 01234567890123456789';

describe('a key', () => {
  const ALLOWED: [string, string, string, string, boolean][] = [
    ['namespaces: [shop]', 'lambda:InvokeFunction', 'shop', 'f', true],
    ['namespaces: [shop]', 'lambda:InvokeFunction', 'default', 'f', false],
    ['namespaces: [shop]', 'lambda:GetFunction', 'shop', 'f', false],
    ['namespaces: [shop, bank]', 'lambda:InvokeFunction', 'bank', 'f', true],
    ["namespaces: ['*']", 'lambda:InvokeFunction', 'any', 'f', true],
    ["namespaces: ['*']\nactions: ['lambda:*']", 'lambda:ListFunctions', 'any', 'f', true],
    ["namespaces: [shop]\nactions: ['lambda:Get*', 'lambda:InvokeFunction']", 'lambda:GetFunctionConfiguration', 'shop', 'f', true],
    ['namespaces: [shop]\nactions: [LAMBDA:invokefunction]', 'lambda:InvokeFunction', 'shop', 'f', true],
    ["namespaces: [shop]\nfunctions: ['orders-*']", 'lambda:InvokeFunction', 'shop', 'orders-1', true],
    ["namespaces: [shop]\nfunctions: ['orders-*']", 'lambda:InvokeFunction', 'shop', 'my-orders-1', false],
    ["namespaces: [shop]\nfunctions: ['order?']", 'lambda:InvokeFunction', 'shop', 'orders', true],
    ["namespaces: [shop]\nfunctions: ['order?']", 'lambda:InvokeFunction', 'shop', 'order', false],
  ];
  it.each(ALLOWED)('%s: %s in %s of %s is %s', (text, action, namespace, name, allowed) => {
    const key = new AccessKey('KEY', `${SECRET}\n${text}`);
    expect(key.allowsAction(action) && key.allowsFunction(namespace, name)).toBe(allowed);
  });

  it('has a namespace of its own', () => {
    expect(new AccessKey('K', `${SECRET}\nnamespaces: [shop, bank]`).defaultNamespace).toBe('shop');
    expect(new AccessKey('K', `${SECRET}\nnamespaces: ['*']`).defaultNamespace).toBe('default');
    expect(new AccessKey('K', '{"secretAccessKey": "01234567890123456789", "namespaces": ["a"]}').secret).toHaveLength(20);
  });

  it.each([
    ['', /expected object/],
    ['namespaces: [a]', /secretAccessKey/],
    [SECRET, /namespaces/],
    [`${SECRET}\nnamespaces: []`, /namespaces/],
    [`${SECRET}\nnamespaces: [A_B]`, /not a namespace's name/],
    [`${SECRET}\nnamespaces: [a]\nfunction: [b]`, /function/],
    [`${SECRET}: [\nnamespaces`, /./],
    [`${SECRET}\n"`, /./],
    ['secretAccessKey: short\nnamespaces: [a]', /secretAccessKey/],
  ])('%j is refused, with the reason and without the secret', (text, message) => {
    expect(() => new AccessKey('K', text)).toThrow(message);
    expect(() => new AccessKey('K', text)).not.toThrow(/01234567890123456789|short\b.*short/);
  });
});

describe('keys in a folder', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'lull-keys-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const good = `${SECRET}\nnamespaces: [a]`;

  it('are taken over as the kubelet swaps them, and refused when they go', async () => {
    const seen: [number, readonly string[]][] = [];
    const keys = new AccessKeys({ dir: join(dir, 'mount'), lookMillis: 10, reloaded: (count, wrong) => seen.push([count, wrong]) });
    expect(keys.get('ONE')).toBeUndefined();
    const version = (name: string, files: Record<string, string>): void => {
      mkdirSync(join(dir, 'mount', name), { recursive: true });
      for (const [file, text] of Object.entries(files)) {
        writeFileSync(join(dir, 'mount', name, file), text);
        rmSync(join(dir, 'mount', file), { force: true });
        symlinkSync(join('..data', file), join(dir, 'mount', file));
      }
      symlinkSync(name, join(dir, 'mount', '..next'));
      renameSync(join(dir, 'mount', '..next'), join(dir, 'mount', '..data'));
    };
    version('..1', { ONE: good, TWO: good });
    await vi.waitFor(() => expect(keys.get('ONE')?.id).toBe('ONE'));
    expect(keys.get('TWO')).toBeDefined();
    unlinkSync(join(dir, 'mount', 'TWO'));
    version('..2', { ONE: 'secretAccessKey: 3', THREE: good });
    await vi.waitFor(() => expect(keys.get('THREE')).toBeDefined());
    expect([keys.get('ONE'), keys.get('TWO')]).toEqual([undefined, undefined]);
    expect(seen.at(-1)?.[0]).toBe(1);
    expect(seen.at(-1)?.[1]).toEqual([expect.stringMatching(/^ONE: /)]);
    keys.close();
  });

  it('of plain files are taken over, too', async () => {
    writeFileSync(join(dir, 'ONE'), good);
    const keys = new AccessKeys({ dir, lookMillis: 10, reloaded: () => undefined });
    expect(keys.get('ONE')?.defaultNamespace).toBe('a');
    writeFileSync(join(dir, 'ONE'), `${SECRET}\nnamespaces: [other]`);
    await vi.waitFor(() => expect(keys.get('ONE')?.defaultNamespace).toBe('other'));
    keys.close();
  });
});
