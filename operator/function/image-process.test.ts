import { describe, expect, it } from 'vitest';
import type { ImageFacts } from '../../common/api/code.ts';
import type { FunctionSpec } from '../../common/api/function.ts';
import { imageProcess, isSpecified } from './image-process.ts';

const REFERENCE = `reg.example:5000/you/app@sha256:${'a'.repeat(64)}`;
const said: ImageFacts = { reference: REFERENCE, entryPoint: ['/main'], command: ['app.handler', '-v'], path: '/venv/bin:/bin' };
const spec = (more: Partial<FunctionSpec>): FunctionSpec => ({ code: { image: 'reg.example:5000/you/app:1' }, ...more });

describe('isSpecified', () => {
  it.each<[string, Partial<FunctionSpec>, boolean]>([
    ['nothing', {}, false],
    ['a handler alone says no entry point', { handler: 'app.handler' }, false],
    ['an entry point alone says no command', { imageConfig: { entryPoint: ['/main'] } }, false],
    ['an empty command is one', { imageConfig: { entryPoint: ['/main'], command: [] } }, true],
    ['entry point and handler', { handler: 'a.b', imageConfig: { entryPoint: ['/main'] } }, true],
  ])('%s', (_name, given, specified) => {
    expect(isSpecified(spec(given))).toBe(specified);
  });
});

describe('imageProcess', () => {
  it.each<[string, Partial<FunctionSpec>, ImageFacts | undefined, string[]]>([
    ['all from the spec', { imageConfig: { entryPoint: ['/main'], command: [] } }, undefined, ['/main']],
    ['all from the registry', {}, said, ['/main', 'app.handler', '-v']],
    ['the handler is the command', { handler: 'a.b' }, said, ['/main', 'a.b']],
    ['another command', { imageConfig: { command: ['x', 'y'] } }, said, ['/main', 'x', 'y']],
    ['another entry point leaves the command', { imageConfig: { entryPoint: ['/x'] } }, said, ['/x', 'app.handler', '-v']],
    ['an image without either', {}, { reference: REFERENCE }, []],
  ])('%s', (_name, given, facts, argv) => {
    expect(imageProcess(spec(given), facts).argv).toEqual(argv);
  });

  it('runs what the registry was asked about, and nothing that has the name later', () => {
    expect(imageProcess(spec({}), said).image).toBe(REFERENCE);
    expect(imageProcess(spec({ imageConfig: { entryPoint: ['/m'], command: [] } }), undefined).image).toBe('reg.example:5000/you/app:1');
  });

  it('has the PATH of the image, or one that finds what images usually have', () => {
    expect(imageProcess(spec({}), said).path).toBe('/venv/bin:/bin');
    expect(imageProcess(spec({}), undefined).path).toContain('/usr/local/bin:/usr/sbin:/usr/bin');
  });

  it('calls the first word of the command the handler', () => {
    expect(imageProcess(spec({}), said).handler).toBe('app.handler');
    expect(imageProcess(spec({ handler: 'a.b' }), said).handler).toBe('a.b');
    expect(imageProcess(spec({ imageConfig: { entryPoint: ['/m'], command: [] } }), undefined).handler).toBe('');
  });
});
