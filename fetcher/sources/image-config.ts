import type { ImageFacts } from '../../common/api/code.ts';

/** The part of an OCI image configuration that says what is run. */
interface ImageConfiguration {
  config?: { Entrypoint?: string[] | null; Cmd?: string[] | null; Env?: string[] | null };
}

/** What the operator wants to know of an image; pure. `digest`: SHA-256 of its manifest, hex. */
export function imageFacts(image: string, digest: string, configuration: ImageConfiguration): ImageFacts {
  const { Entrypoint, Cmd, Env } = configuration.config ?? {};
  const path = Env?.find((variable) => variable.startsWith('PATH='))?.slice('PATH='.length);
  return { reference: atDigest(image, digest), entryPoint: Entrypoint ?? [], command: Cmd ?? [], ...(path && { path }) };
}

/** `registry.example:5000/you/app:1` → `registry.example:5000/you/app@sha256:…`. */
export function atDigest(image: string, digest: string): string {
  return `${image.replace(/@.*$/, '').replace(/:[^:/]*$/, '')}@sha256:${digest}`;
}

/** The registry's HOST:PORT, as Docker reads names: `you/app` and `app` are Docker Hub's, whose host is `docker.io`. */
export function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  return rest.length > 0 && (/[.:]/.test(first) || first === 'localhost') ? first : 'docker.io';
}
