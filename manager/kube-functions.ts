import type { LullFunction } from '../common/api/function.ts';
import { API_VERSION } from '../common/api/names.ts';
import type { LullRuntime } from '../common/api/runtime.ts';
import { isConflict, isNotFound, KubeError } from '../common/kube/kube-error.ts';
import type { KubeTransport } from '../common/kube/transport.ts';
import { AwsError } from '../common/lambda-api/aws-error.ts';

/** So that `kubectl` shows who wrote what. */
const MANAGER = 'fieldManager=lull-lambda-api';
const PAGE = 500;

/** Functions and Runtimes, read from and written to the API server itself: a caller who has made a function finds it. All throw AwsError. */
export class KubeFunctions {
  readonly #transport: KubeTransport;
  /** Undefined for all. */
  readonly #namespaces: readonly string[] | undefined;

  constructor(transport: KubeTransport, namespaces: readonly string[] | undefined) {
    this.#transport = transport;
    this.#namespaces = namespaces;
  }

  async get(namespace: string, name: string): Promise<LullFunction | undefined> {
    try {
      return (await this.#request('GET', path(namespace, name))) as LullFunction;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw awsError(error);
    }
  }

  async list(): Promise<LullFunction[]> {
    const paths = this.#namespaces?.map((namespace) => path(namespace)) ?? [`/apis/${API_VERSION}/functions`];
    return (await Promise.all(paths.map((one) => this.#all<LullFunction>(one)))).flat();
  }

  runtimes(): Promise<LullRuntime[]> {
    return this.#all<LullRuntime>(`/apis/${API_VERSION}/runtimes`);
  }

  create(fn: LullFunction): Promise<LullFunction> {
    return this.#write('POST', `${path(fn.metadata.namespace ?? 'default')}?${MANAGER}`, fn);
  }

  /** @param fn with the resourceVersion that it was read with: undefined when somebody else has written since @param dryRun checked like a write, and not kept */
  async replace(fn: LullFunction, dryRun = false): Promise<LullFunction | undefined> {
    const { namespace = 'default', name } = fn.metadata;
    try {
      return (await this.#request('PUT', `${path(namespace, name)}?${MANAGER}${dryRun ? '&dryRun=All' : ''}`, fn)) as LullFunction;
    } catch (error) {
      if (isConflict(error)) return undefined;
      throw awsError(error);
    }
  }

  /** Whether it was there. */
  async remove(namespace: string, name: string): Promise<boolean> {
    try {
      await this.#request('DELETE', path(namespace, name));
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw awsError(error);
    }
  }

  async #write(method: string, where: string, body: LullFunction): Promise<LullFunction> {
    try {
      return (await this.#request(method, where, body)) as LullFunction;
    } catch (error) {
      throw awsError(error);
    }
  }

  async #all<T>(where: string): Promise<T[]> {
    const all: T[] = [];
    let next: string | undefined;
    try {
      do {
        const query = new URLSearchParams({ limit: String(PAGE), ...(next !== undefined && { continue: next }) });
        const list = (await this.#request('GET', `${where}?${query.toString()}`)) as { items: T[]; metadata?: { continue?: string } };
        all.push(...list.items);
        next = list.metadata?.continue || undefined;
      } while (next !== undefined);
    } catch (error) {
      throw awsError(error);
    }
    return all;
  }

  async #request(method: string, where: string, body?: unknown): Promise<unknown> {
    return (await this.#transport.request(method, where, body === undefined ? {} : { body })).body;
  }
}

function path(namespace: string, name?: string): string {
  return `/apis/${API_VERSION}/namespaces/${namespace}/functions${name === undefined ? '' : `/${name}`}`;
}

/** What the API server says, in AWS's words. SDKs repeat what is answered 429 or 5xx. */
export function awsError(error: unknown): unknown {
  if (!(error instanceof KubeError)) return error;
  const said = error.status?.message ?? error.message;
  switch (error.code) {
    case 403:
      // A quota is a limit of what is kept; else it is the manager that may not, or a policy that refuses.
      return /exceeded quota/.test(said)
        ? new AwsError('CodeStorageExceededException', `The cluster's quota is used up: ${said}`)
        : new AwsError('AccessDeniedException', `The cluster refuses it: ${said}`);
    case 404:
      return new AwsError('ResourceNotFoundException', said);
    case 409:
      return new AwsError('ResourceConflictException', said);
    case 429:
      return new AwsError('TooManyRequestsException', 'Rate Exceeded.', 'CallerRateLimitExceeded');
    case 400:
    case 422:
      return new AwsError('InvalidParameterValueException', sentences(error));
    default:
      return new AwsError('ServiceException', `The cluster's API server does not answer as it should: ${error.reason}.`);
  }
}

/** A CRD's rules are sentences; what Kubernetes puts before them is not. */
function sentences(error: KubeError): string {
  const causes = (error.status?.details?.causes ?? []).flatMap(({ message, field }) =>
    message === undefined
      ? []
      : [message.replace(/^Invalid value: (?:"[^"]*"|[^:"]*): /, '').replace(/^(?!spec\.)(?=.*\bin body\b)/, `${field}: `)],
  );
  return causes.length > 0 ? [...new Set(causes)].join('; ') : (error.status?.message ?? error.message);
}
