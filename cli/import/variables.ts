import { Budget } from './budget.ts';
import { ImportError } from './import-error.ts';
import { get, scalar, type Tree, textOf, type Unknown, unknown } from './tree.ts';

/** What the caller of `lull import` says, for Serverless Framework's variables. */
export interface VariableInputs {
  /** `${opt:stage}` and `${sls:stage}`. */
  stage?: string | undefined;
  /** `${opt:NAME}` and `${param:NAME}`; AWS::Region and AWS::AccountId for `${aws:…}`. */
  parameters: ReadonlyMap<string, string>;
  /** `${env:NAME}`. */
  env: Readonly<Record<string, string | undefined>>;
}

/** Sources whose values are read where Serverless runs, or at AWS. */
const ELSEWHERE = /^(file|cf|s3|git|output|state|strToBool|terraform|vault|doppler|secretsmanager)\b/;

/** What Serverless Framework fills in where the file is silent. */
const PRESET: ReadonlyMap<string, string> = new Map([
  ['provider.stage', 'dev'],
  ['provider.region', 'us-east-1'],
]);
/** Variables within variables, and variables that lead to variables: people write three or four. */
const MAX_NESTED = 20;

/**
 * Serverless Framework's variables, as far as serverless.yml and the command line tell: `${self:custom.table, 'orders'}-${sls:stage}` → "orders-dev".
 * A value that only AWS or another file has is `unknown`, with the reason. Calls of CloudFormation are left, their arguments resolved.
 */
export class Variables {
  readonly #file: Tree;
  readonly #inputs: VariableInputs;
  readonly #budget = new Budget();
  readonly #resolved = new Map<string, Tree>();
  readonly #underWay = new Set<string>();
  /** Names of variables of the environment that were read. */
  readonly environmentRead = new Set<string>();

  constructor(file: Tree, inputs: VariableInputs) {
    this.#file = file;
    this.#inputs = inputs;
  }

  get stage(): string {
    return this.#inputs.stage ?? textOf(this.#lookup('provider.stage', 0)) ?? 'dev';
  }

  resolve(tree: Tree): Tree {
    this.#budget.step(tree.line);
    switch (tree.kind) {
      case 'scalar':
        return typeof tree.value === 'string' && tree.value.includes('${') ? this.#text(tree.value, tree.line) : tree;
      case 'list':
        return { ...tree, items: tree.items.map((item) => this.resolve(item)) };
      case 'mapping':
        return { ...tree, entries: new Map([...tree.entries].map(([key, value]): [string, Tree] => [key, this.resolve(value)])) };
      case 'call':
        return { ...tree, argument: this.resolve(tree.argument) };
      default:
        return tree;
    }
  }

  /** A text with variables in it; one that is nothing but a variable becomes whatever that is, a list or a mapping too. */
  #text(text: string, line: number): Tree {
    let result = '';
    let missing: Unknown | undefined;
    for (let at = 0; at < text.length; ) {
      const start = text.indexOf('${', at);
      if (start < 0) {
        result += text.slice(at);
        break;
      }
      const end = closing(text, start + 2);
      if (end < 0) return unknown(`${JSON.stringify(text.slice(start, start + 40))} has no closing brace, or too much within it`, line);
      const value = this.#expression(text.slice(start + 2, end), line);
      if (start === 0 && end === text.length - 1) return value;
      if (value.kind === 'unknown') missing ??= value;
      result = this.#budget.text(result + text.slice(at, start) + (textOf(value) ?? ''), line);
      at = end + 1;
    }
    return missing ?? scalar(result, line);
  }

  /** What stands between `${` and `}`: sources, the first that has a value winning. */
  #expression(expression: string, line: number): Tree {
    this.#budget.step(line);
    let reason: Unknown | undefined;
    for (const alternative of alternatives(expression)) {
      const named = this.#text(alternative, line);
      // A variable within is either all of it, and so the answer, or a part of the address: ${self:custom.${sls:stage}.table}.
      const isAnswer = alternative.startsWith('${') && closing(alternative, 2) === alternative.length - 1;
      const value = isAnswer || named.kind !== 'scalar' ? named : this.#source(named.text.trim(), expression, line);
      if (value.kind !== 'unknown') return value;
      reason ??= value;
    }
    return reason ?? unknown('an empty variable', line);
  }

  #source(text: string, expression: string, line: number): Tree {
    const literal = /^'([^']*)'$|^"([^"]*)"$/.exec(text);
    if (literal) return scalar(literal[1] ?? literal[2] ?? '', line);
    if (/^-?[0-9]+(\.[0-9]+)?$/.test(text)) return { kind: 'scalar', value: Number(text), text, line };
    if (text === 'true' || text === 'false') return scalar(text === 'true', line);
    if (text === 'null') return scalar(null, line);
    if (ELSEWHERE.test(text))
      return unknown(`\${${text}} is read by Serverless Framework: run 'serverless print' and import what it prints`, line);
    const source = /^([a-zA-Z]+)(?:\([^)]*\))?:(?!:)(.*)$/s.exec(text);
    // Not Serverless' but CloudFormation's, `${AWS::Region}` in Fn::Sub, or a shell's.
    if (!source) return scalar(`\${${expression}}`, line);
    return this.#sourced(source[1] ?? '', source[2] ?? '', line);
  }

  #sourced(source: string, address: string, line: number): Tree {
    const { parameters, env } = this.#inputs;
    switch (source) {
      case 'self':
        return this.#lookup(address, line) ?? scalarOr(PRESET.get(address), `\${self:${address}} is not in the file`, line);
      case 'env': {
        const value = Object.hasOwn(env, address) ? env[address] : undefined;
        if (value === undefined) return unknown(`the variable ${address} is not set in this shell`, line);
        this.environmentRead.add(address);
        return scalar(this.#budget.text(value, line), line);
      }
      case 'opt': {
        const value =
          address === 'stage' ? this.#inputs.stage : (parameters.get(address) ?? (address === 'region' ? this.#region() : undefined));
        const option = address === 'stage' ? '--stage STAGE' : `--parameter ${address}=VALUE`;
        return value === undefined ? unknown(`\${opt:${address}} was not given: ${option}`, line) : scalar(value, line);
      }
      case 'param': {
        const preset = this.#lookup(`params.${this.stage}.${address}`, line) ?? this.#lookup(`params.default.${address}`, line);
        const value = parameters.get(address);
        if (value !== undefined) return scalar(value, line);
        return preset ?? unknown(`\${param:${address}} was not given: --parameter ${address}=VALUE`, line);
      }
      case 'sls':
        return address === 'stage' ? scalar(this.stage, line) : unknown(`\${sls:${address}} is made by Serverless Framework`, line);
      case 'aws':
        if (address === 'region') return scalar(this.#region() ?? textOf(this.#lookup('provider.region', line)) ?? 'us-east-1', line);
        return scalarOr(
          parameters.get(`AWS::${address[0]?.toUpperCase()}${address.slice(1)}`),
          `\${aws:${address}} is known to AWS alone`,
          line,
        );
      case 'ssm':
        return scalar(`{{resolve:ssm:${address.replace(/~(true|false|split|raw|noDecrypt)$/, '')}}}`, line);
      default:
        return unknown(`\${${source}:…} is read by Serverless Framework: run 'serverless print' and import what it prints`, line);
    }
  }

  #region(): string | undefined {
    return this.#inputs.parameters.get('AWS::Region');
  }

  /** The resolved value at a path of the file, `custom.tables.0`; undefined where there is none. */
  #lookup(path: string, line: number): Tree | undefined {
    const known = this.#resolved.get(path);
    if (known) return known;
    if (this.#underWay.has(path))
      throw new ImportError(
        `the variables ${[...this.#underWay].map((one) => `\${self:${one}}`).join(', ')} refer to each other in a circle`,
        line,
      );
    if (this.#underWay.size >= MAX_NESTED) throw new ImportError(`\${self:${path}} is reached by more than ${MAX_NESTED} variables`, line);
    this.#underWay.add(path);
    try {
      let at: Tree | undefined = this.#file;
      for (const key of path.split('.')) {
        if (at?.kind === 'scalar') at = this.resolve(at);
        if (at?.kind === 'unknown') return at;
        at = at?.kind === 'list' ? at.items[Number(key)] : get(at, key);
      }
      const value = at && this.resolve(at);
      if (value) this.#resolved.set(path, value);
      return value;
    } finally {
      this.#underWay.delete(path);
    }
  }
}

function scalarOr(value: string | undefined, why: string, line: number): Tree {
  return value === undefined ? unknown(why, line) : scalar(value, line);
}

/** Index of the `}` that closes what begins at `from`; -1 without one, or where too much is nested. */
function closing(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text.startsWith('${', at)) depth += 1;
    else if (text[at] === '}') depth -= 1;
    if (depth === 0) return at;
    if (depth > MAX_NESTED) return -1;
  }
  return -1;
}

/** Splits at commas that stand neither in a nested variable nor in quotes: `opt:x, self:y, 'a, b'` → three. */
function alternatives(expression: string): string[] {
  const parts: string[] = [];
  let part = '';
  let depth = 0;
  let quote = '';
  for (let at = 0; at < expression.length; at++) {
    const char = expression[at] ?? '';
    if (quote) quote = char === quote ? '' : quote;
    else if (char === "'" || char === '"') quote = char;
    else if (char === '{' && expression[at - 1] === '$') depth += 1;
    else if (char === '}' && depth > 0) depth -= 1;
    if (char === ',' && !quote && depth === 0) {
      parts.push(part.trim());
      part = '';
    } else part += char;
  }
  return [...parts, part.trim()];
}
