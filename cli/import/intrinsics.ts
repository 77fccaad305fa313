import { Budget } from './budget.ts';
import { ImportError } from './import-error.ts';
import { type Call, get, integerOf, itemsOf, type List, scalar, type Tree, textOf, type Unknown, unknown } from './tree.ts';

/** Pseudo parameters that are the same nearly everywhere; the others are given as `--parameter AWS::Region=eu-west-1`. */
const PSEUDO: ReadonlyMap<string, string> = new Map([
  ['AWS::Partition', 'aws'],
  ['AWS::URLSuffix', 'amazonaws.com'],
]);

/** Conditions that lead to conditions: people write two or three. */
const MAX_CHAIN = 20;

/** Types of parameters whose value CloudFormation reads from the Parameter Store: the default is a name there. */
const FROM_PARAMETER_STORE = /^AWS::SSM::Parameter::Value</;

/**
 * CloudFormation's intrinsic functions, as far as a template alone tells: `resolve` gives a tree without calls, in which what only AWS knows (the name of
 * a table, an account's number) is `unknown`, with the reason. Example, with a parameter Stage of default "dev":
 * `!Sub "${Stage}-orders"` → "dev-orders"; `!Sub "${Table}-orders"` → unknown, "Table is made by CloudFormation (AWS::DynamoDB::Table)".
 */
export class Intrinsics {
  readonly #template: Tree;
  readonly #given: ReadonlyMap<string, string>;
  readonly #budget = new Budget();
  readonly #underWay = new Set<string>();

  /** `given`: parameters and pseudo parameters by name, which win over the template's defaults. */
  constructor(template: Tree, given: ReadonlyMap<string, string>) {
    this.#template = template;
    this.#given = given;
  }

  resolve(tree: Tree): Tree {
    this.#budget.step(tree.line);
    switch (tree.kind) {
      case 'call':
        return this.#call(tree);
      case 'list':
        return { ...tree, items: tree.items.map((item) => this.resolve(item)).filter(({ kind }) => kind !== 'nothing') };
      case 'mapping': {
        const entries = [...tree.entries].map(([key, value]): [string, Tree] => [key, this.resolve(value)]);
        return { ...tree, entries: new Map(entries.filter(([, { kind }]) => kind !== 'nothing')) };
      }
      default:
        return tree;
    }
  }

  /** Whether a condition of the template holds; undefined where only AWS knows. Throws ImportError for conditions that go round in a circle. */
  condition(name: string, line: number): boolean | undefined {
    if (this.#underWay.has(name))
      throw new ImportError(`the conditions ${[...this.#underWay].join(', ')} refer to each other in a circle`, line);
    const tree = get(this.#template, 'Conditions', name);
    if (!tree) return undefined;
    if (this.#underWay.size >= MAX_CHAIN) throw new ImportError(`the condition ${name} is reached by more than ${MAX_CHAIN} others`, line);
    this.#underWay.add(name);
    try {
      return this.#truth(tree);
    } finally {
      this.#underWay.delete(name);
    }
  }

  #call(call: Call): Tree {
    const { name, line } = call;
    const given = name === 'If' || name === 'Sub' ? call.argument : this.resolve(call.argument);
    if (given.kind === 'unknown') return given;
    switch (name) {
      case 'Ref':
        return this.#ref(textOf(given) ?? '', line);
      case 'Sub':
        return this.#sub(given, line);
      case 'Join':
        return this.#join(given, line);
      case 'Select':
        return this.#select(given, line);
      case 'Split':
        return this.#split(given, line);
      case 'If':
        return this.#if(given, line);
      case 'FindInMap':
        return this.#findInMap(given, line);
      case 'Base64':
        return scalar(this.#budget.text(Buffer.from(textOf(given) ?? '').toString('base64'), line), line);
      case 'GetAtt':
        return unknown(
          `!GetAtt ${textOf(given) ?? itemsOf(given).map(textOf).join('.')} is an attribute of a resource that only CloudFormation makes`,
          line,
        );
      case 'ImportValue':
        return unknown(`!ImportValue ${textOf(given) ?? ''} is an output of another stack`, line);
      default:
        return unknown(`!${name} is evaluated by CloudFormation alone`, line);
    }
  }

  #ref(name: string, line: number): Tree {
    const given = this.#given.get(name) ?? PSEUDO.get(name);
    const parameter = get(this.#template, 'Parameters', name);
    if (name === 'AWS::NoValue') return { kind: 'nothing', line };
    if (get(parameter, 'NoEcho') && textOf(get(parameter, 'NoEcho')) !== 'false') return scalar(`{{resolve:parameter:${name}}}`, line);
    if (given !== undefined) return scalar(given, line);
    if (name.startsWith('AWS::')) return unknown(`${name} differs by account and region: give it with --parameter ${name}=VALUE`, line);
    if (parameter) {
      const preset = get(parameter, 'Default');
      const text = textOf(preset);
      if (text === undefined) return unknown(`the parameter ${name} has no default: give --parameter ${name}=VALUE`, line);
      if (FROM_PARAMETER_STORE.test(textOf(get(parameter, 'Type')) ?? '')) return scalar(`{{resolve:ssm:${text}}}`, line);
      return { kind: 'scalar', value: text, text, line };
    }
    const type = textOf(get(this.#template, 'Resources', name, 'Type'));
    return unknown(
      type ? `${name} is made by CloudFormation (${type})` : `${name} is neither a parameter nor a resource of this file`,
      line,
    );
  }

  /** `!Sub TEXT` and `!Sub [TEXT, {NAME: VALUE}]`; `${!NAME}` stands for itself. */
  #sub(argument: Tree, line: number): Tree {
    const [text, own] = argument.kind === 'list' ? argument.items : [argument, undefined];
    let missing: Unknown | undefined;
    const values = new Map<string, Tree>();
    const result = (textOf(text) ?? '').replaceAll(/\$\{(!?)([^{}]*)\}/g, (_whole, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      const key = name.trim();
      const given = get(own, key);
      const value = values.get(key) ?? (given ? this.resolve(given) : this.#named(key, line));
      values.set(key, value);
      if (value.kind === 'unknown') missing ??= value;
      return textOf(value) ?? '';
    });
    return missing ?? scalar(this.#budget.text(result, line), line);
  }

  #named(name: string, line: number): Tree {
    if (!name.includes('.')) return this.#ref(name, line);
    return unknown(`\${${name}} is an attribute of a resource that only CloudFormation makes`, line);
  }

  #join(argument: Tree, line: number): Tree {
    const [separator, list] = itemsOf(argument);
    if (list?.kind === 'unknown') return list;
    const missing = itemsOf(list).find((item): item is Unknown => item.kind === 'unknown');
    if (missing) return missing;
    const parts = itemsOf(list).map((item) => textOf(item) ?? '');
    return scalar(this.#budget.text(parts.join(textOf(separator) ?? ''), line), line);
  }

  #select(argument: Tree, line: number): Tree {
    const [index, list] = itemsOf(argument);
    if (list?.kind === 'unknown') return list;
    return itemsOf(list)[integerOf(index) ?? -1] ?? unknown('!Select asks for an item that is not in its list', line);
  }

  #split(argument: Tree, line: number): Tree {
    const [separator, text] = itemsOf(argument);
    if (text?.kind === 'unknown') return text;
    const between = textOf(separator);
    if (!between) return unknown('!Split has no separator', line);
    return { kind: 'list', items: (textOf(text) ?? '').split(between).map((part) => scalar(part, line)), line } satisfies List;
  }

  #if(argument: Tree, line: number): Tree {
    const [condition, whenTrue, whenFalse] = itemsOf(argument);
    const name = textOf(condition) ?? '';
    const holds = this.condition(name, line);
    if (holds === undefined) return unknown(`whether the condition ${name} holds is not known here`, line);
    const chosen = holds ? whenTrue : whenFalse;
    return chosen ? this.resolve(chosen) : unknown(`!If ${name} has no value for ${holds}`, line);
  }

  #findInMap(argument: Tree, line: number): Tree {
    const keys = itemsOf(argument).slice(0, 3);
    const missing = keys.find((key): key is Unknown => key.kind === 'unknown');
    if (missing) return missing;
    const names = keys.map((key) => textOf(key) ?? '');
    return get(this.#template, 'Mappings', ...names) ?? unknown(`the Mappings have nothing under ${names.join(' / ')}`, line);
  }

  #truth(tree: Tree): boolean | undefined {
    this.#budget.step(tree.line);
    const named = tree.kind === 'mapping' && tree.entries.size === 1 ? textOf(tree.entries.get('Condition')) : undefined;
    if (named !== undefined) return this.condition(named, tree.line);
    if (tree.kind !== 'call') return undefined;
    const parts = itemsOf(tree.argument);
    switch (tree.name) {
      case 'Condition':
        return this.condition(textOf(tree.argument) ?? '', tree.line);
      case 'Equals': {
        const [a, b] = parts.map((part) => textOf(this.resolve(part)));
        return a === undefined || b === undefined ? undefined : a === b;
      }
      case 'Not': {
        const inner = parts[0] && this.#truth(parts[0]);
        return inner === undefined ? undefined : !inner;
      }
      case 'And':
        return three(
          parts.map((part) => this.#truth(part)),
          false,
        );
      case 'Or':
        return three(
          parts.map((part) => this.#truth(part)),
          true,
        );
      default:
        return undefined;
    }
  }
}

/** And (decisive: false) and Or (decisive: true) over what may be unknown: one decisive value decides, else one unknown leaves it open. */
function three(values: (boolean | undefined)[], decisive: boolean): boolean | undefined {
  if (values.includes(decisive)) return decisive;
  return values.includes(undefined) ? undefined : !decisive;
}
