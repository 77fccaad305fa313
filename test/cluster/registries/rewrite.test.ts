import { describe, expect, it } from 'vitest';
import { Routes } from './rewrite.ts';

const routes = (): Routes => new Routes('http://198.18.0.1:1', ['https://index.example/simple/']);

describe('Routes', () => {
  it('leads there and back', () => {
    expect(routes().here('https://index.example/simple/six/?a=b')).toBe('http://198.18.0.1:1/https/index.example/simple/six/?a=b');
    expect(routes().there('/https/index.example/simple/six/?a=b')?.href).toBe('https://index.example/simple/six/?a=b');
  });

  it('leads nowhere else', () => {
    for (const path of ['/https/other.example/', '/http/index.example/', '/ftp/index.example/', '/', '/https/'])
      expect(routes().there(path)).toBeUndefined();
  });

  it('turns the addresses of packages, and then knows their hosts', () => {
    const one = routes();
    const html = one.rewrite('<a href="https://files.example/p/six-1.whl#sha256=0a">six</a> <a href="https://six.example/docs">docs</a>');
    expect(html).toContain('href="http://198.18.0.1:1/https/files.example/p/six-1.whl#sha256=0a"');
    expect(html).toContain('href="https://six.example/docs"');
    expect(one.there('/https/files.example/p/six-1.whl')?.host).toBe('files.example');
    expect(one.there('/https/six.example/docs')).toBeUndefined();
    expect(one.rewrite('{"tarball":"https://npm.example/a/-/a-1.0.0.tgz"}')).toBe(
      '{"tarball":"http://198.18.0.1:1/https/npm.example/a/-/a-1.0.0.tgz"}',
    );
  });
});
