import { describe, expect, it } from 'vitest';
import { atDigest, imageFacts, registryOf } from './image-config.ts';

const DIGEST = 'a'.repeat(64);

describe('imageFacts', () => {
  it('is what starts the image, and where it finds programs', () => {
    const config = { Entrypoint: ['/lambda-entrypoint.sh'], Cmd: ['app.handler'], Env: ['LANG=C', 'PATH=/var/lang/bin:/bin'], User: '0' };
    expect(imageFacts('you/app:1', DIGEST, { config })).toEqual({
      reference: `you/app@sha256:${DIGEST}`,
      entryPoint: ['/lambda-entrypoint.sh'],
      command: ['app.handler'],
      path: '/var/lang/bin:/bin',
    });
  });

  it.each([{}, { config: {} }, { config: { Entrypoint: null, Cmd: null, Env: null } }])(
    'has nothing to start where the image says nothing: %j',
    (said) => {
      expect(imageFacts('app', DIGEST, said)).toEqual({ reference: `app@sha256:${DIGEST}`, entryPoint: [], command: [] });
    },
  );
});

describe('names of images', () => {
  it.each([
    ['app', 'app', 'docker.io'],
    ['you/app:1', 'you/app', 'docker.io'],
    ['registry:5000/app', 'registry:5000/app', 'registry:5000'],
    ['registry:5000/you/app:1', 'registry:5000/you/app', 'registry:5000'],
    ['registry.example/you/app:1@sha256:00', 'registry.example/you/app', 'registry.example'],
    ['localhost/app:1', 'localhost/app', 'localhost'],
  ])('%s', (image, name, registry) => {
    expect(atDigest(image, DIGEST)).toBe(`${name}@sha256:${DIGEST}`);
    expect(registryOf(image)).toBe(registry);
  });
});
