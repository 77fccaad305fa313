import type { ImageFacts } from '../../common/api/code.ts';
import type { FunctionSpec } from '../../common/api/function.ts';

/** How a container image of protocol lambda is run. */
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

/** From the spec and from what a registry said. Overriding one of ENTRYPOINT and CMD leaves the other as the image has it, as AWS's ImageConfig does. */
export function imageProcess(spec: FunctionSpec, said: ImageFacts | undefined): ImageProcess {
  const command = commandOf(spec) ?? said?.command ?? [];
  return {
    image: said?.reference ?? spec.code.image ?? '',
    argv: [...(spec.imageConfig?.entryPoint ?? said?.entryPoint ?? []), ...command],
    handler: command[0] ?? '',
    path: said?.path || USUAL_PATH,
  };
}

/** Whether the spec alone says what is run; else a registry has to be asked for the image's ENTRYPOINT and CMD. */
export function isSpecified(spec: FunctionSpec): boolean {
  return spec.imageConfig?.entryPoint !== undefined && commandOf(spec) !== undefined;
}

/** spec.handler is short for a command of one word. */
function commandOf({ handler, imageConfig }: FunctionSpec): string[] | undefined {
  return handler === undefined ? imageConfig?.command : [handler];
}
