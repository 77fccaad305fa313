import { describe, expect, it } from 'vitest';
import { Pod } from '../pods/pod.ts';
import { retire } from './retire.ts';

const NOW = 100_000;

function pod(name: string, over: Partial<Pod> = {}): Pod {
  const made = new Pod(
    { name, revision: 'f-1', ip: '127.0.0.1', port: 1 },
    1,
    () => NOW - 60_000,
    () => undefined,
  );
  made.listens();
  return Object.assign(made, { announced: true, ...over });
}
const claimed = (name: string, over: Partial<Pod> = {}): Pod => pod(name, { pool: 'p', usedAt: NOW, ...over });

function names(pods: Pod[], view: Partial<Parameters<typeof retire>[0]> = {}): string[] {
  return retire({ pods, activeRevision: 'f-1', replicas: 1, held: 0, isToWake: false, now: NOW, replaced: new Map(), ...view }).map(
    ({ name }) => name,
  );
}

describe('retire', () => {
  it.each<[string, Pod[], Partial<Parameters<typeof retire>[0]>, string[]]>([
    ['nobody before a pod of its own has come', [claimed('a'), claimed('b')], {}, []],
    ['one for one of its own, busy or not', [claimed('a', { running: 1 }), claimed('b'), pod('own')], {}, ['a']],
    ['not for one that is not there yet', [claimed('a'), pod('own', { announced: false })], {}, []],
    ['one that ends already counts', [claimed('a', { draining: true }), claimed('b', { running: 1 }), pod('own')], {}, []],
    ['those of another revision', [claimed('a'), claimed('b')], { activeRevision: 'f-2' }, ['a', 'b']],
    ['what nobody calls, when the Deployment is complete', [claimed('a', { usedAt: NOW - 11_000 }), claimed('b')], { replicas: 0 }, ['a']],
    ['not while its own pod waits for its turn', [claimed('a', { usedAt: NOW - 11_000 })], { replicas: 0, isToWake: true }, []],
    ['not while it is not', [claimed('a', { usedAt: NOW - 11_000 })], { replicas: 1 }, []],
    ['not while requests wait', [claimed('a', { usedAt: NOW - 11_000 })], { replicas: 0, held: 1 }, []],
    ['not one that is in use', [claimed('a', { usedAt: NOW - 11_000, running: 1 })], { replicas: 0 }, []],
  ])('%s', (_, pods, view, expected) => {
    expect(names(pods, view)).toEqual(expected);
  });

  it('each of its own replaces one, once, however often it is asked', () => {
    const replaced = new Map<string, string>();
    const [a, b, c, own] = [claimed('a', { running: 1 }), claimed('b', { running: 1 }), claimed('c', { running: 1 }), pod('own')];
    expect(names([a, b, c, own], { replaced })).toEqual(['a']);
    a.draining = true;
    expect(names([a, b, c, own], { replaced })).toEqual([]);
    // It is gone: the next is not taken for it.
    expect(names([b, c, own], { replaced })).toEqual([]);
    expect(names([b, c, own, pod('own-2')], { replaced })).toEqual(['b']);
  });

  it('several activators choose the same', () => {
    const pods = [claimed('c'), claimed('a', { running: 1 }), claimed('b'), pod('own')];
    expect(names(pods)).toEqual(names([...pods].reverse()));
  });
});
