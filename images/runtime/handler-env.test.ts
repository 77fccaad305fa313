import { describe, expect, it } from 'vitest';
import { handlerEnv } from './handler-env.ts';

const facts = { taskRoot: '/var/task', lambdaName: 'f', pod: 'f-1', logFormat: 'Text' as const };
const managed = (env: Record<string, string>) => handlerEnv(env, { ...facts, ownImage: false });
const ownImage = (env: Record<string, string>) => handlerEnv(env, { ...facts, ownImage: true });

describe('what a handler’s environment is', () => {
  it('has what AWS’s managed runtimes have by their image, unless the image is somebody else’s', () => {
    expect(managed({})).toMatchObject({ TZ: ':UTC', LANG: 'en_US.UTF-8', PATH: '/usr/local/bin:/usr/bin/:/bin:/opt/bin' });
    const names = Object.keys(ownImage({}));
    for (const name of ['TZ', 'LANG', 'PATH', 'LD_LIBRARY_PATH']) expect(names).not.toContain(name);
  });

  it.each([managed, ownImage])('gives back what would have changed the bridge, and nothing else of Lull’s', (of) => {
    const env = of({
      LULL_ENV_NODE_OPTIONS: '--x',
      LULL_ENV_PATH: '/mine',
      LULL_TOKEN: 'secret',
      GREETING: 'hello',
      LULL_HANDLER: 'app.handler',
    });
    expect(env).toMatchObject({ NODE_OPTIONS: '--x', PATH: '/mine', GREETING: 'hello', _HANDLER: 'app.handler' });
    expect(Object.keys(env).filter((name) => name.startsWith('LULL_'))).toEqual([]);
  });

  it('has Lambda’s own names, which an image cannot replace', () => {
    expect(ownImage({ AWS_LAMBDA_FUNCTION_NAME: 'other', LAMBDA_TASK_ROOT: '/elsewhere', AWS_REGION: 'eu-west-1' })).toMatchObject({
      AWS_LAMBDA_FUNCTION_NAME: 'f',
      LAMBDA_TASK_ROOT: '/var/task',
      AWS_REGION: 'eu-west-1',
      AWS_DEFAULT_REGION: 'eu-west-1',
    });
  });
});
