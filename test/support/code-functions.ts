import { type LullFunctionView, lullFunction } from './functions.ts';
import { call } from './http.ts';
import { getJson } from './kubectl.ts';
import { until } from './wait.ts';

export interface CodeView extends LullFunctionView {
  status?: LullFunctionView['status'] & { code?: FetchedCode[] };
}
interface FetchedCode {
  name: string;
  digest: string;
  commit?: string;
  image?: { reference: string; entryPoint?: string[]; command?: string[] };
}
interface JobList {
  items: { metadata: { name: string; creationTimestamp: string }; status?: { succeeded?: number } }[];
}

/** A handler `app.handler` that returns this text. */
export const says = (text: string): string => `def handler(event, context):\n    return ${JSON.stringify(text)}\n`;

/** What tests do with the functions of a namespace whose code is fetched. */
export interface CodeFunctions {
  /** The manifest of one in Python, which soon goes to sleep. */
  python(name: string, code: object, spec?: Record<string, unknown>): object;
  functionNow(name: string): Promise<CodeView>;
  /** Waits until the condition CodeReady is so, for the newest spec; `about` must be true besides. */
  untilCode(name: string, status: 'True' | 'False', about?: (fn: CodeView) => boolean): Promise<CodeView>;
  /** The Jobs that fetch for a function. */
  jobsOf(name: string): Promise<JobList['items']>;
  /** `200 BODY`. */
  answerOf(name: string): Promise<string>;
}

export const condition = (fn: CodeView, type: string) => fn.status?.conditions?.find((one) => one.type === type);

export function codeFunctions(ns: string): CodeFunctions {
  const functionNow = (name: string): Promise<CodeView> => getJson<CodeView>(['fn', name, '-n', ns]);
  return {
    python: (name, code, spec = {}) =>
      lullFunction(name, ns, { runtime: 'python3.11', handler: 'app.handler', code, scale: { idleSeconds: 3 }, ...spec }),
    functionNow,
    untilCode: (name, status, about = () => true) =>
      until(
        `CodeReady ${status} of ${name}`,
        async () => {
          const fn = await functionNow(name);
          const current = fn.status?.observedGeneration === fn.metadata.generation;
          return current && condition(fn, 'CodeReady')?.status === status && about(fn) ? fn : undefined;
        },
        120_000,
        200,
      ),
    jobsOf: async (name) => (await getJson<JobList>(['jobs', '-n', ns, '-l', `lull.dev/code-of=${name}`])).items,
    answerOf: async (name) => {
      const { status, body } = await call(name, ns);
      return `${status} ${body}`;
    },
  };
}
