import { describe, expect, it } from 'vitest';
import type { FunctionSpec, LullFunction } from '../../common/api/function.ts';
import { SETTINGS } from '../code/testing.ts';
import type { ContainerEnv } from './objects.ts';
import { podTemplate } from './pod.ts';

const imageConfig = { entryPoint: ['/main'], command: ['app.handler'] };

function pod(spec: Partial<FunctionSpec> = {}) {
  const fn = { metadata: { name: 'f', namespace: 'shop' }, spec: { code: { image: 'you/app:1' }, imageConfig, ...spec } };
  return podTemplate(fn as unknown as LullFunction, undefined, SETTINGS, 'f-1', { bundles: [] }).spec;
}

const envOf = (env: ContainerEnv[] = []): Record<string, string | undefined> =>
  Object.fromEntries(env.map(({ name, value }) => [name, value]));

describe('the pod of a Lambda container image', () => {
  it('holds the bridge in a container that comes first and sleeps, and has no volume', () => {
    const { containers, ...rest } = pod();
    expect(rest).toMatchObject({ shareProcessNamespace: true, automountServiceAccountToken: false });
    expect(rest).not.toHaveProperty('volumes');
    expect(rest).not.toHaveProperty('initContainers');
    expect(containers.map(({ name, image, command }) => [name, image, command])).toEqual([
      ['bridge', 'lull/runtime:1', ['sleep', 'infinity']],
      ['function', 'you/app:1', ['enter']],
    ]);
  });

  it('finds the bridge in whatever process of the pod holds it, and gives the handler a PATH of its own', () => {
    const env = envOf(pod().containers[1]?.env);
    expect(env['PATH']).toMatch(/^\/proc\/2\/root\/lull:\/proc\/3\/root\/lull:/);
    expect(env['PATH']?.split(':')).toContain('/proc/127/root/lull');
    expect(env['LULL_ENV_PATH']).toContain('/usr/bin');
  });

  it('leaves a PATH of spec.env to the handler', () => {
    const env = pod({ env: [{ name: 'PATH', value: '/mine' }] }).containers[1]?.env ?? [];
    expect(env.filter(({ name }) => name.endsWith('PATH')).map(({ name, value }) => [name, value?.slice(0, 7)])).toEqual([
      ['LULL_ENV_PATH', '/mine'],
      ['PATH', '/proc/2'],
    ]);
  });

  it('tells the bridge what to start, and that the image is not of ours', () => {
    expect(envOf(pod().containers[1]?.env)).toMatchObject({
      LULL_MODE: 'lambda',
      LULL_IMAGE: '1',
      LULL_COMMAND: '["/main","app.handler"]',
      LULL_HANDLER: 'app.handler',
    });
    expect(Object.keys(envOf(pod().containers[1]?.env))).not.toContain('LULL_CODE_DIGEST');
  });

  it.each(['shared-processes', 'volume'] as const)(
    'runs every container as one user, not root, under restricted Pod Security (%s)',
    (bridge) => {
      const { containers, initContainers = [], securityContext } = pod({ imageConfig: { ...imageConfig, bridge } });
      expect(securityContext).toMatchObject({ runAsNonRoot: true });
      for (const container of [...initContainers, ...containers]) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          runAsUser: 10_001,
          runAsGroup: 10_001,
        });
      }
    },
  );

  it('is the image’s own business in which folder it starts, unless the spec says another', () => {
    expect(pod().containers[1]).not.toHaveProperty('workingDir');
    expect(pod({ imageConfig: { ...imageConfig, workingDirectory: '/srv' } }).containers[1]).toMatchObject({ workingDir: '/srv' });
  });

  it('is copied onto a volume where that is asked for, which also is /tmp', () => {
    const { containers, initContainers, volumes, shareProcessNamespace } = pod({
      imageConfig: { ...imageConfig, bridge: 'volume' },
      resources: { limits: { 'ephemeral-storage': '1Gi' } },
    });
    expect(shareProcessNamespace).toBeUndefined();
    expect(initContainers?.map(({ image, command }) => [image, command])).toEqual([['lull/runtime:1', ['cp', '-rL', '/lull/.', '/copy']]]);
    expect(containers).toMatchObject([
      {
        command: ['/lull/enter'],
        volumeMounts: [
          { name: 'bridge', mountPath: '/lull', readOnly: true },
          { name: 'tmp', mountPath: '/tmp' },
        ],
      },
    ]);
    expect(envOf(containers[0]?.env)).not.toHaveProperty('PATH');
    expect(volumes).toMatchObject([{ name: 'bridge' }, { name: 'tmp', emptyDir: { sizeLimit: '1Gi' } }]);
  });

  it('pulls with the Secret that is named', () => {
    expect(pod({ code: { image: 'you/app:1', pullSecret: { name: 'registry' } } })).toMatchObject({
      imagePullSecrets: [{ name: 'registry' }],
    });
    expect(pod()).not.toHaveProperty('imagePullSecrets');
  });
});
