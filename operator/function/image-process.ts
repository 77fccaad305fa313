import type { LullFunction } from '../../common/api/function.ts';

/** How a container image of protocol lambda is run, once that is known. */
export interface ImageProcess {
  /** The image: by digest where a registry was asked, else as spec.code.image names it. */
  image: string;
  /** What starts a handler process: the entry point and the command. */
  argv: string[];
  /** What _HANDLER is: the first word of the command. */
  handler: string;
  /** The PATH that the image sets. */
  path: string;
}

/** Docker's own, with those folders around it that AWS's base images have: for an image that nobody asked a registry about. */
const USUAL_PATH = '/var/lang/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/bin';

/**
 * What is run, from the spec and from what a registry said (status.image); undefined while a registry must be asked: it knows the ENTRYPOINT and CMD that the spec leaves
 * out. Overriding one leaves the other as the image has it, as AWS's ImageConfig does.
 */
export function imageProcess({ spec, status }: LullFunction, source?: string): ImageProcess | undefined {
  const { imageConfig = {}, handler, code } = spec;
  const command = handler === undefined ? imageConfig.command : [handler];
  const said = source === undefined || status?.image?.source === source ? status?.image : undefined;
  if (!said && !(imageConfig.entryPoint && command)) return undefined;
  const entryPoint = imageConfig.entryPoint ?? said?.entryPoint ?? [];
  const words = command ?? said?.command ?? [];
  const image = code.image ?? '';
  return {
    image: said ? atDigest(image, said.digest) : image,
    argv: [...entryPoint, ...words],
    handler: words[0] ?? '',
    path: said?.path || USUAL_PATH,
  };
}

/** `registry.example:5000/you/app:1` → `registry.example:5000/you/app@sha256:…`. */
function atDigest(image: string, digest: string): string {
  return `${image.replace(/@.*$/, '').replace(/:[^:/]*$/, '')}@${digest}`;
}
