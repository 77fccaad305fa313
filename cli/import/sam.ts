import type { DescribedCode, DescribedFunction, Description, Route } from './description.ts';
import { Fields } from './fields.ts';
import { ImportError } from './import-error.ts';
import { Intrinsics } from './intrinsics.ts';
import type { FunctionNotes, Notes } from './notes.ts';
import { EVENTS, OTHER_EVENT, PROPERTIES } from './properties.ts';
import { entriesOf, get, mapping, type Tree, textOf } from './tree.ts';

const SERVERLESS = 'AWS::Serverless::Function';
const LAMBDA = 'AWS::Lambda::Function';
/** AWS's default timeout. */
const TIMEOUT_SECONDS = 3;
/** Properties that are carried over, or that say how they are. */
const CARRIED = new Set([
  ...['Runtime', 'Handler', 'CodeUri', 'InlineCode', 'ImageUri', 'Code', 'PackageType', 'Environment', 'MemorySize', 'Timeout', 'Events'],
  ...['ReservedConcurrentExecutions', 'ProvisionedConcurrencyConfig', 'EphemeralStorage', 'FunctionUrlConfig'],
]);

/** A SAM (or plain CloudFormation) template → its functions; what is not described is noted. `given`: --parameter. */
export function sam(template: Tree, given: ReadonlyMap<string, string>, notes: Notes): Description {
  const intrinsics = new Intrinsics(template, given);
  for (const name of given.keys())
    if (!name.startsWith('AWS::') && !get(template, 'Parameters', name))
      notes.add('changed', undefined, `--parameter ${name}`, 'the template has no such parameter');
  const functions: DescribedFunction[] = [];
  const others: string[] = [];
  for (const [id, resource] of entriesOf(get(template, 'Resources'))) {
    const type = textOf(get(resource, 'Type')) ?? 'no type';
    if (type !== SERVERLESS && type !== LAMBDA) {
      others.push(`${id} (${type})`);
      continue;
    }
    if (!isMade(resource, intrinsics, notes.of(id))) continue;
    const own = get(resource, 'Properties') ?? mapping([], resource.line);
    const globals = type === SERVERLESS ? get(template, 'Globals', 'Function') : undefined;
    const properties = intrinsics.resolve(globals ? merged(globals, own) : own);
    functions.push(new SamFunction(id, resource, properties, notes.of(id)).describe());
  }
  if (functions.length === 0) throw new ImportError(`no function is in the template: no resource of type ${SERVERLESS} or ${LAMBDA}`);
  if (others.length > 0) {
    const line = get(template, 'Resources')?.line;
    notes.add('lost', line, 'Resources', `only functions are imported; not: ${others.join(', ')}`);
  }
  for (const section of ['Api', 'HttpApi']) {
    const settings = get(template, 'Globals', section);
    if (settings)
      notes.add(
        'lost',
        settings.line,
        `Globals.${section}`,
        'there is no API Gateway: CORS, authorizers and throttling belong in the function, or in an Ingress before it',
      );
  }
  return { functions };
}

function isMade(resource: Tree, intrinsics: Intrinsics, notes: FunctionNotes): boolean {
  const condition = get(resource, 'Condition');
  const name = textOf(condition);
  if (name === undefined) return true;
  const holds = intrinsics.condition(name, resource.line);
  if (holds === false) notes.hint(condition?.line, 'Condition', `${name} does not hold: left out`);
  if (holds === undefined)
    notes.changed(condition?.line, 'Condition', `whether ${name} holds is not known here: the function is made in any case`);
  return holds !== false;
}

/** As SAM merges Globals: mappings by key, lists one after the other, all else is the function's own. */
function merged(globals: Tree, own: Tree): Tree {
  if (globals.kind === 'list' && own.kind === 'list') return { ...own, items: [...globals.items, ...own.items] };
  if (globals.kind !== 'mapping' || own.kind !== 'mapping') return own;
  const entries = new Map(globals.entries);
  for (const [key, value] of own.entries) {
    const inherited = entries.get(key);
    entries.set(key, inherited ? merged(inherited, value) : value);
  }
  return { ...own, entries };
}

class SamFunction {
  readonly #id: string;
  readonly #resource: Tree;
  readonly #properties: Tree;
  readonly #notes: FunctionNotes;
  readonly #fields: Fields;

  constructor(id: string, resource: Tree, properties: Tree, notes: FunctionNotes) {
    this.#id = id;
    this.#resource = resource;
    this.#properties = properties;
    this.#notes = notes;
    this.#fields = new Fields(properties, notes);
  }

  describe(): DescribedFunction {
    const fields = this.#fields;
    if (this.#properties.kind === 'unknown') this.#notes.lost(this.#properties.line, 'Properties', `left out: ${this.#properties.why}`);
    this.#noteRest();
    const routes = this.#routes();
    const [runtime, handler] = [fields.text('Runtime'), fields.text('Handler')];
    const [memory, storage] = [fields.integer('MemorySize'), fields.integer('EphemeralStorage', 'Size')];
    const [max, min] = [
      fields.integer('ReservedConcurrentExecutions'),
      fields.integer('ProvisionedConcurrencyConfig', 'ProvisionedConcurrentExecutions'),
    ];
    return {
      id: this.#id,
      line: this.#resource.line,
      code: this.#code(),
      env: fields.entries('Environment', 'Variables').map(([name, value]) => ({ name, value })),
      timeout: fields.integer('Timeout') ?? { value: TIMEOUT_SECONDS, line: 0 },
      routes,
      ...(runtime && { runtime }),
      ...(handler && { handler }),
      ...(memory && { memory }),
      ...(storage && { storage }),
      ...(max && { max }),
      ...(min && { min }),
    };
  }

  #code(): DescribedCode {
    const tree = get(this.#properties, 'CodeUri') ?? get(this.#properties, 'Code');
    const line = tree?.line ?? this.#resource.line;
    const source = this.#fields.text('InlineCode') ?? this.#fields.text('Code', 'ZipFile');
    if (source) return { kind: 'source', text: source.value, line: source.line };
    const image = this.#fields.text('ImageUri') ?? this.#fields.text('Code', 'ImageUri');
    if (image?.value) return { kind: 'image', uri: image.value, line: image.line };
    if (textOf(get(this.#properties, 'PackageType')) === 'Image') return { kind: 'image', line };
    if (tree?.kind === 'unknown') return { kind: 'elsewhere', why: tree.why, line };
    const path = textOf(tree);
    if (tree?.kind === 'mapping' || path?.startsWith('s3://')) {
      return {
        kind: 'elsewhere',
        why: 'it is an archive in S3: fetch it, unpack it beside the template, and name the folder (CodeUri: code/)',
        line,
      };
    }
    return { kind: 'folder', path: path ?? '.', line };
  }

  #routes(): Route[] {
    const routes: Route[] = [];
    for (const [name, event] of this.#fields.entries('Events')) {
      const type = textOf(get(event, 'Type')) ?? '';
      const properties = get(event, 'Properties');
      if (type === 'Api' || type === 'HttpApi') {
        const payload = type === 'Api' || textOf(get(properties, 'PayloadFormatVersion')) === '1.0' ? 1 : 2;
        const path = textOf(get(properties, 'Path')) ?? '/';
        routes.push({ method: textOf(get(properties, 'Method')) ?? 'any', path, payload, line: event.line });
        if (get(properties, 'Auth'))
          this.#notes.lost(
            get(properties, 'Auth')?.line,
            `event ${name}, Auth`,
            'there is no authorizer: check callers in the function, or in an Ingress before it',
          );
      } else this.#notes.lost(event.line, `event ${name} (${type})`, EVENTS.get(type.toLowerCase()) ?? OTHER_EVENT);
    }
    const url = get(this.#properties, 'FunctionUrlConfig');
    if (url) {
      routes.push({ method: 'any', path: '/', payload: 2, line: url.line });
      if (textOf(get(url, 'AuthType')) === 'AWS_IAM')
        this.#notes.lost(
          url.line,
          'FunctionUrlConfig.AuthType',
          'AWS_IAM is not checked: check callers in the function, or in an Ingress before it',
        );
    }
    return routes;
  }

  #noteRest(): void {
    for (const [name, value] of entriesOf(this.#properties)) {
      if (CARRIED.has(name)) continue;
      const [level, text] = PROPERTIES.get(name) ?? ['lost', 'lull import does not know it'];
      this.#notes[level](value.line, name, text);
    }
    const method = get(this.#resource, 'Metadata', 'BuildMethod');
    if (method)
      this.#notes.changed(
        method.line,
        'Metadata.BuildMethod',
        "the sources are read as they are, not built: after 'sam build', .aws-sam/build/template.yaml names what was built; import that",
      );
  }
}
