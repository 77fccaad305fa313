import { describe, expect, it } from 'vitest';
import { AmbiguousPath, route } from './route.ts';

const names = { domain: 'lull.localhost', clusterDomain: 'cluster.local' };
const exists = (key: string) => key === 'default/hello' || key === 'svc/odd';

describe('route', () => {
  const table: [string | undefined, string, ReturnType<typeof route>][] = [
    ['hello.default.lull.localhost', '/a?b=1', { key: 'default/hello', target: '/a?b=1' }],
    ['HELLO.default.lull.localhost:8080', '/', { key: 'default/hello', target: '/' }],
    ['hello.default', '/', { key: 'default/hello', target: '/' }],
    ['hello.default.svc', '/', { key: 'default/hello', target: '/' }],
    ['hello.default.svc.cluster.local.', '/', { key: 'default/hello', target: '/' }],
    ['odd.svc', '/', { key: 'svc/odd', target: '/' }],
    ['10.96.0.9', '/default/hello/x/y?z', { key: 'default/hello', target: '/x/y?z', prefix: '/default/hello' }],
    ['10.96.0.9', '/default/hello', { key: 'default/hello', target: '/', prefix: '/default/hello' }],
    ['10.96.0.9', '/default/hello?q=1', { key: 'default/hello', target: '/?q=1', prefix: '/default/hello' }],
    ['[::1]:80', '/default/hello/', { key: 'default/hello', target: '/', prefix: '/default/hello' }],
    ['10.96.0.9', '/default/../hello', undefined],
    ['hello.default', '/a/../b', { key: 'default/hello', target: '/a/../b' }],
    ['other.default', '/', undefined],
    ['a.b.c.lull.localhost', '/', undefined],
    ['hello', '/', undefined],
    ['.default', '/', undefined],
    ['10.96.0.9', '/default/hellofoo/', undefined],
    ['10.96.0.9', '//default/hello', undefined],
    ['10.96.0.9', '*', undefined],
  ];
  it.each(table)('%s %s', (host, target, expected) => {
    expect(route(host, target, names, exists)).toEqual(expected);
  });
  it.each(['/default/hello/../other', '/default/hello/%2E%2e/other', '/default/hello/a/./b', '/default/hello/..'])(
    'refuses %s',
    (target) => {
      expect(() => route('10.96.0.9', target, names, exists)).toThrow(AmbiguousPath);
    },
  );
});
