import { describe, expect, it } from 'vitest';
import { handlerModule } from './handler-module.ts';

describe('handlerModule', () => {
  it.each<[string, string, [string, string, string] | undefined]>([
    ['app.handler', 'python', ['', 'app', 'app.handler']],
    ['src/app.handler', 'python', ['src', 'app', 'app.handler']],
    ['src.api.app.handler', 'python', ['src/api', 'app', 'app.handler']],
    ['./app.handler', 'python', ['', 'app', 'app.handler']],
    ['handler', 'python', undefined],
    ['.handler', 'python', undefined],
    ['com.example.A::b', 'python', undefined],
    ['index.handler', 'nodejs', ['', 'index', 'index.handler']],
    ['./src/api/get-order.handler', 'nodejs', ['src/api', 'get-order', 'get-order.handler']],
    ['app.routes.get', 'nodejs', ['', 'app', 'app.routes.get']],
    ['../up/app.get', 'nodejs', ['../up', 'app', 'app.get']],
    ['index', 'nodejs', undefined],
    ['my app.handler', 'nodejs', undefined],
    [`${'a'.repeat(130)}.b`, 'nodejs', undefined],
  ])('%s (%s)', (handler, family, wanted) => {
    const made = handlerModule(handler, family);
    expect(made && [made.folder, made.module, made.handler]).toEqual(wanted);
  });
});
