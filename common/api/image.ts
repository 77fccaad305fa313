import type { Argument } from './runtime.ts';

/** How spec.code.image is run by protocol lambda, as AWS Lambda's ImageConfig; what is left out is what the image says. */
export interface ImageConfig {
  /**
   * Instead of the image's ENTRYPOINT.
   * @minItems 1
   * @maxItems 32
   */
  entryPoint?: Argument[];
  /**
   * Instead of the image's CMD. spec.handler is short for a command of one word.
   * @maxItems 32
   */
  command?: Argument[];
  /**
   * Instead of the image's WORKDIR.
   * @minLength 1
   * @maxLength 1024
   * @pattern ^/
   */
  workingDirectory?: string;
  /**
   * How Lull's bridge gets into the image's container. `shared-processes`: out of another container of the pod, whose processes it sees; nothing is copied. `volume`: by a
   * copy on an empty volume, with another one as /tmp, which costs a cold start more than a second; for an image without a writable /tmp, and where something puts containers of its own
   * in front of all others (service meshes).
   * @default "shared-processes"
   */
  bridge?: BridgeWay;
}

/** How the bridge gets into somebody else's image. */
export type BridgeWay = 'shared-processes' | 'volume';
