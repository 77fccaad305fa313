import { tmpdir } from 'node:os';
import { beforeAll, describe, expect, it } from 'vitest';
import { HandlerProcess } from '../../images/runtime/handler-process.ts';
import { type ClientCommand, pythonClient } from '../support/lambda-clients.ts';

const base = { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', AWS_LAMBDA_RUNTIME_API: '127.0.0.1:1' };

/** What a process writes that cannot load its handler; `claimed`: it hears of its environment only after it has booted. */
function written(command: ClientCommand, own: Record<string, string>, claimed: boolean): Promise<string[]> {
  return new Promise((resolve) => {
    const lines: string[] = [];
    const env = { ...base, ...own, _HANDLER: 'missing.handler', LAMBDA_TASK_ROOT: tmpdir() };
    const callbacks = {
      onLine: (line: string) => void lines.push(line.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/, 'TIME')),
      // What follows is about the Runtime API, which is not there.
      onExit: () => resolve(lines.slice(0, lines.indexOf('Traceback (most recent call last):'))),
    };
    const common = { command, cwd: '/', waitsForCode: true, ...callbacks };
    if (!claimed) {
      new HandlerProcess({ ...common, env }).go();
      return;
    }
    const onPreloaded = (): void => {
      one.adopt({ env, ...callbacks });
      one.go();
    };
    const one = new HandlerProcess({ ...common, env: { ...base, LULL_PRELOAD: '[]' }, onPreloaded });
  });
}

/** AWS's own client reads some of the environment when it is loaded, which in a pod of a warm pool is before it is known. */
describe('awslambdaric in a claimed pod', { timeout: 180_000 }, () => {
  let command: ClientCommand;
  beforeAll(async () => {
    command = await pythonClient();
  }, 180_000);

  it.each([
    ['Text', { AWS_LAMBDA_LOG_FORMAT: 'Text' }],
    ['JSON', { AWS_LAMBDA_LOG_FORMAT: 'JSON' }],
    ['JSON from ERROR on', { AWS_LAMBDA_LOG_FORMAT: 'JSON', AWS_LAMBDA_LOG_LEVEL: 'ERROR' }],
    ['Text in China', { AWS_LAMBDA_LOG_FORMAT: 'Text', AWS_REGION: 'cn-north-1' }],
  ])('logs as in a pod of the function’s own: %s', async (_, own) => {
    const ordinary = await written(command, own, false);
    expect(ordinary.join('\n')).toContain('missing');
    expect(await written(command, own, true)).toEqual(ordinary);
  });
});
