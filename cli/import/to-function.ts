import type { Resources } from '../../common/api/meta.ts';
import { API_VERSION } from '../../common/api/names.ts';
import { readCode } from './code.ts';
import type { DescribedFunction, Manifest, ManifestSpec, Stated } from './description.ts';
import { environment } from './environment.ts';
import type { Folder } from './folder.ts';
import type { FunctionNotes } from './notes.ts';
import { chooseRuntime, familyOf } from './runtime-name.ts';

/** What an import is told, apart from the file. */
export interface ToFunctionOptions {
  namespace?: string | undefined;
  runtimeMap: ReadonlyMap<string, string>;
  /** Request AWS's share of CPU. */
  cpuRequest: boolean;
}

/** Bounds of the Function's schema. */
const MAX_TIMEOUT = 900;
const MAX_PODS = 1000;
/** spec.scale.max when left out. */
const PRESET_MAX = 100;
/** AWS gives one virtual CPU for so many MB (its documentation of "Configure Lambda function memory"). */
const MEGABYTES_PER_CPU = 1769;

/** A described function → a Function, and notes of what is not in it. `name` is the one that Kubernetes takes. */
export function toFunction(
  fn: DescribedFunction,
  name: string,
  options: ToFunctionOptions,
  folder: Folder,
  notes: FunctionNotes,
): Manifest {
  if (name !== fn.id) notes.hint(fn.line, 'name', `${fn.id} is called ${name}: it becomes a host name and a Service`);
  const { namespace } = options;
  noteRoutes(fn, `${name}.${namespace ?? 'NAMESPACE'}.DOMAIN`, notes);
  const spec: ManifestSpec = fn.code.kind === 'image' ? imageSpec(fn.code, notes) : lambdaSpec(fn, options, folder, notes);
  const env = environment(fn.env, name, notes);
  if (env.length > 0) spec.env = env;
  const resources = resourcesOf(fn, options.cpuRequest, notes);
  if (resources) spec.resources = resources;
  spec.timeoutSeconds = bounded(fn.timeout, 1, MAX_TIMEOUT, 'Timeout', 's', notes);
  const scale = scaleOf(fn, notes);
  if (scale) spec.scale = scale;
  return { apiVersion: API_VERSION, kind: 'Function', metadata: { name, ...(namespace !== undefined && { namespace }) }, spec };
}

function lambdaSpec(fn: DescribedFunction, options: ToFunctionOptions, folder: Folder, notes: FunctionNotes): ManifestSpec {
  const spec: ManifestSpec = {};
  if (fn.runtime) {
    const { name, level, text } = chooseRuntime(fn.runtime.value, options.runtimeMap);
    if (name !== undefined) spec.runtime = name;
    if (level !== 'none') notes[level](fn.runtime.line, 'Runtime', text);
  } else notes.lost(fn.line, 'Runtime', 'there is none: write spec.runtime (kubectl get runtimes)');
  if (!fn.handler) {
    notes.lost(fn.line, 'Handler', 'there is none: write spec.handler, and the files to spec.code.inline');
    return spec;
  }
  const { handler, inline } = readCode(fn.code, fn.handler.value, familyOf(spec.runtime ?? fn.runtime?.value), folder, notes);
  if (handler !== undefined) spec.handler = handler;
  if (inline) spec.code = { inline };
  return spec;
}

function imageSpec({ uri, line }: { uri?: string; line: number }, notes: FunctionNotes): ManifestSpec {
  if (uri === undefined)
    notes.lost(line, 'image', 'it is built when the template is deployed: build and push it, and write its name to spec.code.image');
  notes.hint(
    line,
    'image',
    'it runs as it is, if the cluster may pull it (spec.code.pullSecret). One that is a server (such as for the Lambda Web Adapter) is to have spec.protocol http and spec.port',
  );
  return uri === undefined ? {} : { code: { image: uri } };
}

function noteRoutes({ routes }: DescribedFunction, address: string, notes: FunctionNotes): void {
  for (const { method, path, payload, line } of routes) {
    const what = `${method.toUpperCase()} ${path}`;
    if (payload === 1) {
      notes.changed(
        line,
        what,
        `answered at http://${address}${path}, as any other path and method; the event is that of an HTTP API (payload 2.0): event.requestContext.http.method and ` +
          'event.rawPath instead of event.httpMethod and event.path',
      );
    } else notes.hint(line, what, `answered at http://${address}${path}, as any other path and method`);
    if (/[{]/.test(path)) notes.changed(line, what, 'event.pathParameters is not filled in: take the parts from event.rawPath');
  }
}

/** Memory of 512 MB → a limit of 512Mi, and with `cpuRequest` a request of 512 / 1769 CPUs = 290m. A limit of CPU would slow cold starts. */
function resourcesOf(fn: DescribedFunction, cpuRequest: boolean, notes: FunctionNotes): Resources | undefined {
  const limits: Resources['limits'] = {};
  if (fn.memory) limits.memory = `${bounded(fn.memory, 16, 1_000_000, 'MemorySize', ' MB', notes)}Mi`;
  if (fn.storage) limits['ephemeral-storage'] = `${bounded(fn.storage, 16, 1_000_000, 'EphemeralStorage', ' MB', notes)}Mi`;
  if (Object.keys(limits).length === 0) return undefined;
  if (!fn.memory || !cpuRequest) return { limits };
  return { requests: { cpu: `${Math.max(1, Math.round((fn.memory.value / MEGABYTES_PER_CPU) * 1000))}m` }, limits };
}

function scaleOf({ min, max }: DescribedFunction, notes: FunctionNotes): { min?: number; max?: number } | undefined {
  const scale: { min?: number; max?: number } = {};
  if (max?.value === 0)
    notes.lost(
      max.line,
      'ReservedConcurrentExecutions',
      '0 switches a function off, which Lull has no word for: do not apply the Function',
    );
  else if (max) scale.max = bounded(max, 1, MAX_PODS, 'ReservedConcurrentExecutions', ' pods', notes);
  if (min && min.value > 0) {
    scale.min = bounded(min, 0, MAX_PODS, 'ProvisionedConcurrency', ' pods', notes);
    if (scale.min > (scale.max ?? PRESET_MAX)) scale.max = scale.min;
  }
  return Object.keys(scale).length > 0 ? scale : undefined;
}

function bounded({ value, line }: Stated<number>, low: number, high: number, what: string, unit: string, notes: FunctionNotes): number {
  const within = Math.min(high, Math.max(low, value));
  if (within !== value) notes.changed(line, what, `${value}${unit} is not within ${low} and ${high}: ${within}${unit} is written`);
  return within;
}
