import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

const ENV = {
  LULL_NAMESPACE: 'ns',
  LULL_FUNCTION: 'f',
  LULL_REVISION: 'f-1',
  LULL_POD: 'pod-1',
  LULL_POD_IP: '127.0.0.1',
  LULL_ACTIVATOR: '127.0.0.1:1',
  LULL_TOKEN: 'token',
  LULL_HANDLER: 'a.b',
};

describe('AWS_EXECUTION_ENV', () => {
  const read = (command: string[], executionEnv: string | undefined) => {
    const { handlerEnv, facts } = readConfig({ ...ENV, LULL_COMMAND: JSON.stringify(command), AWS_EXECUTION_ENV: executionEnv });
    return ['AWS_EXECUTION_ENV' in handlerEnv ? handlerEnv['AWS_EXECUTION_ENV'] : 'none', facts.executionEnv];
  };

  it.each([
    [
      'a managed runtime is told which it is',
      ['python3', 'launch.py'],
      'AWS_Lambda_python3.11',
      ['AWS_Lambda_python3.11', 'AWS_Lambda_python3.11'],
    ],
    ['a program of the code is not, though the log says it', ['bootstrap'], 'AWS_Lambda_provided', ['none', 'AWS_Lambda_provided']],
    ['an image that names none is an image', ['a'], undefined, ['AWS_Lambda_Image', 'AWS_Lambda_Image']],
  ])('%s', (_what, command, executionEnv, expected) => expect(read(command, executionEnv)).toEqual(expected));
});
