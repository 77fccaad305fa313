import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

const ENV = {
  LULL_NAMESPACE: 'shop',
  LULL_FUNCTION: 'f',
  LULL_REVISION: 'f-1',
  LULL_POD: 'f-1-x',
  LULL_POD_IP: '10.0.0.1',
  LULL_ACTIVATOR: 'control:8081',
  LULL_TOKEN: 't',
  LULL_COMMAND: '["/main"]',
};

describe('the configuration in an image that is somebody else’s', () => {
  it('needs no handler, and starts processes where the image starts', () => {
    const config = readConfig({ ...ENV, LULL_IMAGE: '1' }, '/srv/app');
    expect([config.cwd, config.taskRoot, config.codeDigest, config.handlerEnv['_HANDLER']]).toEqual(['/srv/app', '/var/task', '', '']);
  });

  it('in one of Lull’s own a handler is needed, and it starts in the task root', () => {
    expect(() => readConfig(ENV, '/srv/app')).toThrow('LULL_HANDLER must be set');
    expect(readConfig({ ...ENV, LULL_HANDLER: 'app.handler' }, '/srv/app').cwd).toBe('/var/task');
  });
});
