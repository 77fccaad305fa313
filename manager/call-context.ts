import type { LullFunction } from '../common/api/function.ts';
import { isCalled } from '../common/lambda-api/annotations.ts';
import { type Caller, type Meant, notFound } from '../common/lambda-api/caller.ts';
import type { Operation } from '../common/lambda-api/operation.ts';
import { checkZip } from './check-zip.ts';
import type { KubeFunctions } from './kube-functions.ts';
import type { StoreClient } from './store-client.ts';
import type { Upload } from './upload.ts';

export interface CallParts {
  operation: Operation;
  query: URLSearchParams;
  caller: Caller;
  body: unknown;
  upload: Upload | undefined;
  functions: KubeFunctions;
  store: Pick<StoreClient, 'put'>;
}

/** One call whose sender is known, and what it is about. */
export class CallContext {
  readonly operation: Operation;
  readonly query: URLSearchParams;
  readonly caller: Caller;
  /** JSON. */
  readonly body: unknown;
  readonly functions: KubeFunctions;
  readonly #upload: Upload | undefined;
  readonly #store: Pick<StoreClient, 'put'>;
  #kept = false;

  constructor({ operation, query, caller, body, upload, functions, store }: CallParts) {
    this.operation = operation;
    this.query = query;
    this.caller = caller;
    this.body = body;
    this.#upload = upload;
    this.functions = functions;
    this.#store = store;
  }

  /** The zip file that came with it. */
  get uploaded(): { digest: string; bytes: number } | undefined {
    return this.#upload;
  }

  /** Whether the caller may have to do with a function of that name. Throws AwsError. */
  means(name: string): Meant {
    return this.caller.means(this.operation, name, this.query.get('Qualifier') ?? undefined);
  }

  /** The function in the call's path, there or not. Throws AwsError. */
  meant(): Meant {
    return this.means(this.operation.functionName ?? '');
  }

  /** As it is now. Throws AwsError when it is not there. */
  async existing(): Promise<{ fn: LullFunction; meant: Meant }> {
    const meant = this.meant();
    const fn = meant.qualifier === '$LATEST' ? await this.functions.get(meant.namespace, meant.name) : undefined;
    if (!fn || fn.metadata.deletionTimestamp || !isCalled(fn.metadata, meant.bare)) throw notFound(meant);
    return { fn, meant };
  }

  /** Puts the zip file that came with the call, if there is one, where functions of the namespace find it. Throws AwsError. */
  async keep(namespace: string): Promise<void> {
    const upload = this.#upload;
    if (!upload || this.#kept) return;
    await checkZip(upload.path, upload.bytes);
    await this.#store.put(upload, namespace);
    this.#kept = true;
  }
}
