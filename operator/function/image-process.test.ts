import { describe, expect, it } from 'vitest';
import type { FunctionSpec, LullFunction } from '../../common/api/function.ts';
import type { ImageStatus } from '../../common/api/image.ts';
import { imageProcess } from './image-process.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const said: ImageStatus = { source: 's1', digest: DIGEST, entryPoint: ['/main'], command: ['app.handler', '-v'], path: '/venv/bin:/bin' };

function process(spec: Partial<FunctionSpec>, image?: ImageStatus) {
  const fn = { metadata: { name: 'f' }, spec: { code: { image: 'reg.example:5000/you/app:1' }, ...spec }, status: image && { image } };
  return imageProcess(fn as LullFunction);
}

describe('imageProcess', () => {
  it.each<[string, Partial<FunctionSpec>, ImageStatus | undefined, string[] | undefined]>([
    ['nothing is known', {}, undefined, undefined],
    ['a handler alone says no entry point', { handler: 'app.handler' }, undefined, undefined],
    ['an entry point alone says no command', { imageConfig: { entryPoint: ['/main'] } }, undefined, undefined],
    ['an empty command is one', { imageConfig: { entryPoint: ['/main'], command: [] } }, undefined, ['/main']],
    ['entry point and handler', { handler: 'a.b', imageConfig: { entryPoint: ['/main'] } }, undefined, ['/main', 'a.b']],
    ['all from the registry', {}, said, ['/main', 'app.handler', '-v']],
    ['the handler is the command', { handler: 'a.b' }, said, ['/main', 'a.b']],
    ['another command', { imageConfig: { command: ['x', 'y'] } }, said, ['/main', 'x', 'y']],
    ['another entry point leaves the command', { imageConfig: { entryPoint: ['/x'] } }, said, ['/x', 'app.handler', '-v']],
    ['an image without either', {}, { source: 's', digest: DIGEST }, []],
  ])('%s', (_name, spec, image, argv) => {
    expect(process(spec, image)?.argv).toEqual(argv);
  });

  it('runs what the registry was asked about, and nothing that has the name later', () => {
    expect(process({}, said)?.image).toBe(`reg.example:5000/you/app@${DIGEST}`);
    expect(process({ code: { image: 'you/app' } }, said)?.image).toBe(`you/app@${DIGEST}`);
    expect(process({ code: { image: `you/app@${DIGEST}` } }, said)?.image).toBe(`you/app@${DIGEST}`);
    expect(process({ imageConfig: { entryPoint: ['/m'], command: [] } })?.image).toBe('reg.example:5000/you/app:1');
  });

  it('has the PATH of the image, or one that finds what images usually have', () => {
    expect(process({}, said)?.path).toBe('/venv/bin:/bin');
    expect(process({ imageConfig: { entryPoint: ['/m'], command: [] } })?.path).toContain('/usr/local/bin:/usr/sbin:/usr/bin');
  });

  it('calls the first word of the command the handler', () => {
    expect(process({}, said)?.handler).toBe('app.handler');
    expect(process({ handler: 'a.b' }, said)?.handler).toBe('a.b');
    expect(process({ imageConfig: { entryPoint: ['/m'], command: [] } })?.handler).toBe('');
  });
});
