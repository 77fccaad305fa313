import type { Code } from '../../common/api/code.ts';
import type { FunctionSpec } from '../../common/api/function.ts';
import type { Note } from './notes.ts';
import type { Tree } from './tree.ts';

/** What a template says, in no dialect: what SAM and Serverless Framework have in common. */
export interface Description {
  functions: DescribedFunction[];
}

export interface DescribedFunction {
  /** The name in the template: a logical id of SAM, a key of serverless.yml. */
  id: string;
  line: number;
  /** AWS's name of the runtime, such as python3.12. */
  runtime?: Stated<string>;
  handler?: Stated<string>;
  code: DescribedCode;
  env: DescribedVariable[];
  /** MiB. */
  memory?: Stated<number>;
  /** MiB in /tmp. */
  storage?: Stated<number>;
  /** Seconds; the dialect's default where the template is silent. */
  timeout: Stated<number>;
  /** Pods at most: AWS's reserved concurrency. */
  max?: Stated<number>;
  /** Pods at least: AWS's provisioned concurrency. */
  min?: Stated<number>;
  routes: Route[];
}

/** A value with the line it stands on; 0 for a default that is written nowhere. */
export interface Stated<T> {
  value: T;
  line: number;
}

/** One variable; its value may be unknown, or hold {{resolve:…}} references to secrets. */
export interface DescribedVariable {
  name: string;
  value: Tree;
}

export type DescribedCode =
  | { kind: 'source'; text: string; line: number }
  /** A folder, relative to the template. */
  | { kind: 'folder'; path: string; line: number }
  /** An image; without `uri` it is still to be built and pushed. */
  | { kind: 'image'; uri?: string; line: number }
  /** Somewhere that is not read: `why` says where and what to do. */
  | { kind: 'elsewhere'; why: string; line: number };

/** A path under which the function is called by HTTP. */
export interface Route {
  method: string;
  path: string;
  /** AWS's payload format: 1 is the REST API's event, which Lull does not make. */
  payload: 1 | 2;
  line: number;
}

/** What an import hands back. */
export interface Imported {
  manifests: Manifest[];
  notes: Note[];
}

/** A Function for `kubectl apply`. Without spec.code where the code could not be read: the API server then refuses it until it is filled in. */
export interface Manifest {
  apiVersion: 'lull.dev/v1alpha1';
  kind: 'Function';
  metadata: { name: string; namespace?: string };
  spec: ManifestSpec;
}

export type ManifestSpec = Omit<FunctionSpec, 'code'> & { code?: Code };
