import type { DescribedCode, DescribedFunction, Description, Route } from './description.ts';
import { Fields } from './fields.ts';
import { ImportError } from './import-error.ts';
import { Intrinsics } from './intrinsics.ts';
import type { FunctionNotes, Notes } from './notes.ts';
import { EVENTS, OTHER_EVENT, PROPERTIES } from './properties.ts';
import { API_GATEWAY, AWS_NAMES, CARRIED, INHERITED, PROVIDER_CARRIED, TOP_LEVEL, TOP_LEVEL_TEXT } from './serverless-keys.ts';
import { entriesOf, get, itemsOf, mapping, type Tree, textOf } from './tree.ts';
import { type VariableInputs, Variables } from './variables.ts';

/** Serverless Framework's own defaults. */
const TIMEOUT_SECONDS = 6;
const MEMORY_MEGABYTES = 1024;

/** A serverless.yml → its functions; what is not described is noted. */
export function serverless(file: Tree, inputs: VariableInputs, notes: Notes): Description {
  const variables = new Variables(file, inputs);
  const provider = variables.resolve(get(file, 'provider') ?? mapping([], file.line));
  const providerName = textOf(get(provider, 'name')) ?? textOf(provider) ?? 'aws';
  if (providerName !== 'aws') throw new ImportError(`the provider is ${providerName}: only functions of AWS are imported`, provider.line);
  const intrinsics = new Intrinsics(get(file, 'resources') ?? mapping([], file.line), inputs.parameters);
  const functions = functionTrees(get(file, 'functions'), variables).map(([id, tree]) => {
    const stated = variables.resolve(tree);
    const fields = mapping([...inherited(provider), ...entriesOf(stated)], tree.line);
    const [shared, own] = [get(provider, 'environment'), get(stated, 'environment')];
    if (own?.kind === 'mapping' && shared?.kind === 'mapping')
      fields.entries.set('environment', mapping([...shared.entries, ...own.entries], own.line));
    if (own?.kind === 'mapping' && shared?.kind === 'unknown')
      notes.of(id).lost(shared.line, 'provider.environment', `left out: ${shared.why}`);
    return new ServerlessFunction(id, intrinsics.resolve(fields), notes.of(id)).describe();
  });
  if (functions.length === 0) throw new ImportError('no function is in the file: functions is missing or empty');
  noteRest(file, provider, notes);
  for (const name of variables.environmentRead)
    notes.add(
      'changed',
      undefined,
      `\${env:${name}}`,
      "this shell's value is written to the manifests: if it is a secret, put it into a Secret and refer to it by secretKeyRef",
    );
  return { functions };
}

/** `functions` is a mapping, or a list of mappings. */
function functionTrees(tree: Tree | undefined, variables: Variables): [string, Tree][] {
  if (!tree) return [];
  const whole = tree.kind === 'scalar' ? variables.resolve(tree) : tree;
  if (whole.kind === 'unknown') throw new ImportError(`functions are not in this file: ${whole.why}`, whole.line);
  const parts = whole.kind === 'list' ? whole.items.map((item) => (item.kind === 'scalar' ? variables.resolve(item) : item)) : [whole];
  const missing = parts.find((part) => part.kind === 'unknown');
  if (missing?.kind === 'unknown') throw new ImportError(`functions are not in this file: ${missing.why}`, missing.line);
  return parts.flatMap(entriesOf);
}

function inherited(provider: Tree): [string, Tree][] {
  return entriesOf(provider).filter(([key]) => INHERITED.includes(key));
}

function noteRest(file: Tree, provider: Tree, notes: Notes): void {
  for (const [key, value] of entriesOf(file)) {
    if (TOP_LEVEL.has(key)) continue;
    const text = TOP_LEVEL_TEXT.get(key) ?? 'lull import does not know it';
    notes.add('lost', value.line, key, `${text}${named(key, value)}`);
  }
  for (const [key, value] of entriesOf(provider)) {
    if (PROVIDER_CARRIED.has(key)) continue;
    const [level, text] = PROPERTIES.get(AWS_NAMES.get(key) ?? '') ?? [
      'lost',
      API_GATEWAY.has(key)
        ? 'there is no API Gateway: CORS, authorizers, throttling and the like belong in the function, or in an Ingress before it'
        : 'lull import does not know it',
    ];
    notes.add(level, value.line, `provider.${key}`, text);
  }
}

/** The names of what is left behind: of plugins, and of resources. */
function named(key: string, value: Tree): string {
  const names =
    key === 'plugins'
      ? itemsOf(get(value, 'modules') ?? value).map((item) => textOf(item) ?? '')
      : entriesOf(get(value, 'Resources')).map(([id, resource]) => `${id} (${textOf(get(resource, 'Type')) ?? 'no type'})`);
  return key !== 'package' && names.length > 0 ? `; not: ${names.join(', ')}` : '';
}

class ServerlessFunction {
  readonly #id: string;
  readonly #tree: Tree;
  readonly #notes: FunctionNotes;
  readonly #fields: Fields;

  constructor(id: string, tree: Tree, notes: FunctionNotes) {
    this.#id = id;
    this.#tree = tree;
    this.#notes = notes;
    this.#fields = new Fields(tree, notes);
  }

  describe(): DescribedFunction {
    const fields = this.#fields;
    this.#noteRest();
    const [runtime, handler] = [fields.text('runtime'), fields.text('handler')];
    const [memory, storage] = [fields.integer('memorySize'), fields.integer('ephemeralStorageSize')];
    const [max, min] = [fields.integer('reservedConcurrency'), fields.integer('provisionedConcurrency')];
    if (!memory && get(this.#tree, 'memorySize') === undefined)
      this.#notes.hint(
        this.#tree.line,
        'memorySize',
        `Serverless' default of ${MEMORY_MEGABYTES} MB is not written: Lull's is 256Mi; spec.resources.limits.memory changes it`,
      );
    return {
      id: this.#id,
      line: this.#tree.line,
      code: this.#code(handler?.line),
      env: fields.entries('environment').map(([name, value]) => ({ name, value })),
      timeout: fields.integer('timeout') ?? { value: TIMEOUT_SECONDS, line: 0 },
      routes: this.#routes(),
      ...(runtime && { runtime }),
      ...(handler && { handler }),
      ...(memory && { memory }),
      ...(storage && { storage }),
      ...(max && { max }),
      ...(min && { min }),
    };
  }

  #code(handlerLine: number | undefined): DescribedCode {
    const image = get(this.#tree, 'image');
    if (!image) return { kind: 'folder', path: '.', line: handlerLine ?? this.#tree.line };
    const uri = textOf(image) ?? textOf(get(image, 'uri'));
    // A name without a registry is one that the provider's ecr.images builds.
    if (uri !== undefined && /[/:]/.test(uri)) return { kind: 'image', uri, line: image.line };
    return { kind: 'image', line: image.line };
  }

  #routes(): Route[] {
    const routes: Route[] = [];
    for (const item of this.#fields.items('events')) {
      const [type, event] = entriesOf(item)[0] ?? [textOf(item) ?? '', item];
      if (type === 'http' || type === 'httpApi') routes.push(this.#route(type, event));
      else this.#notes.lost(item.line, `event ${type}`, EVENTS.get(type.toLowerCase()) ?? OTHER_EVENT);
    }
    const url = get(this.#tree, 'url');
    if (url && textOf(url) !== 'false') routes.push({ method: 'any', path: '/', payload: 2, line: url.line });
    return routes;
  }

  /** `http: GET users`, `httpApi: 'GET /users'`, `httpApi: '*'`, or with method and path as keys. */
  #route(type: string, event: Tree): Route {
    const short = textOf(event)?.trim().split(/\s+/) ?? [];
    const method = textOf(get(event, 'method')) ?? (short.length > 1 ? short[0] : undefined) ?? 'any';
    const path = textOf(get(event, 'path')) ?? short.at(-1) ?? '/';
    const authorizer = get(event, 'authorizer');
    if (authorizer)
      this.#notes.lost(
        authorizer.line,
        `event ${type}, authorizer`,
        'there is no authorizer: check callers in the function, or in an Ingress before it',
      );
    if (get(event, 'cors'))
      this.#notes.lost(
        get(event, 'cors')?.line,
        `event ${type}, cors`,
        "CORS headers are the function's own to give, and OPTIONS reaches it",
      );
    return {
      method: method === '*' ? 'any' : method,
      path: path === '*' ? '/' : `/${path.replace(/^\/+/, '')}`,
      payload: type === 'http' ? 1 : 2,
      line: event.line,
    };
  }

  #noteRest(): void {
    for (const [key, value] of entriesOf(this.#tree)) {
      if (CARRIED.has(key) || (value.kind === 'scalar' && value.value === null)) continue;
      const packaged = key === 'package' ? (['changed', TOP_LEVEL_TEXT.get('package') ?? ''] as const) : undefined;
      const [level, text] = packaged ?? PROPERTIES.get(AWS_NAMES.get(key) ?? '') ?? (['lost', 'lull import does not know it'] as const);
      this.#notes[level](value.line, key, text);
    }
  }
}
