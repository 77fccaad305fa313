import {
  type CollectionTag,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseDocument,
  type ScalarTag,
  type YAMLMap,
} from 'yaml';
import { ImportError } from './import-error.ts';
import { entriesOf, type Mapping, type Tree } from './tree.ts';

/** CloudFormation's own limit for a template; the worst megabyte that we found (nothing but brackets) keeps the parser busy for 8 s. */
export const MAX_BYTES = 1_048_576;
/** A template of a megabyte has some 30,000 values; more than this come of aliases of aliases. */
const MAX_VALUES = 200_000;
const MAX_DEPTH = 100;

/** CloudFormation's functions that have a short form in YAML, `!Sub`; `Ref` and `Condition` have no `Fn::` in the long one. */
const FUNCTIONS = [
  ...['And', 'Base64', 'Cidr', 'Equals', 'FindInMap', 'GetAtt', 'GetAZs', 'If', 'ImportValue', 'Join', 'Length', 'Not', 'Or', 'Select'],
  ...['Split', 'Sub', 'ToJsonString', 'Transform'],
];
const NAMES: ReadonlyMap<string, string> = new Map([
  ...FUNCTIONS.flatMap((name): [string, string][] => [
    [`!${name}`, name],
    [`Fn::${name}`, name],
  ]),
  ['!Ref', 'Ref'],
  ['Ref', 'Ref'],
  ['!Condition', 'Condition'],
]);

const TAGS: (ScalarTag | CollectionTag)[] = [...NAMES.keys()]
  .filter((tag) => tag.startsWith('!'))
  .flatMap((tag): (ScalarTag | CollectionTag)[] => [
    { tag, resolve: (text) => text },
    { tag, collection: 'seq', resolve: (list) => list },
    { tag, collection: 'map', resolve: (map) => map },
  ]);

/** YAML (or JSON, which is YAML) → values with lines. Throws ImportError alone, whatever the text is. */
export function parse(text: string): Tree {
  if (Buffer.byteLength(text) > MAX_BYTES)
    throw new ImportError('the file is larger than 1 MiB, which is more than CloudFormation itself takes');
  const lines = new LineCounter();
  // Keys are compared here and not by the library, which compares each with each: 30,000 keys took it minutes.
  const document = parseDocument<ParsedNode>(text, {
    customTags: TAGS,
    lineCounter: lines,
    uniqueKeys: false,
    prettyErrors: false,
    // 'silent' would keep the error about a second document to itself.
    logLevel: 'error',
  });
  const error = document.errors[0];
  if (error?.code === 'MULTIPLE_DOCS')
    throw new ImportError('the file holds several YAML documents: give one at a time', lines.linePos(error.pos[0]).line);
  if (document.errors.some(({ message }) => /call stack/.test(message)))
    throw new ImportError('the file is nested too deeply to be a template');
  if (error) throw new ImportError(`the file is not YAML: ${error.message.split('\n')[0]}`, lines.linePos(error.pos[0]).line);
  if (!document.contents) throw new ImportError('the file is empty');
  return new Conversion(lines).convert(document.contents, 0).tree;
}

/** A tree and how many values it has once its aliases are written out. */
interface Sized {
  tree: Tree;
  size: number;
}

class Conversion {
  readonly #lines: LineCounter;
  readonly #anchors = new Map<string, Sized>();
  #total = 0;

  constructor(lines: LineCounter) {
    this.#lines = lines;
  }

  convert(node: ParsedNode | null, depth: number): Sized {
    const line = this.#line(node);
    if (depth > MAX_DEPTH) throw new ImportError(`the file is nested deeper than ${MAX_DEPTH} levels`, line);
    if (isAlias(node)) {
      const anchored = this.#anchors.get(node.source);
      if (!anchored) throw new ImportError(`the alias *${node.source} stands before, or within, what it names`, line);
      this.#count(anchored.size, line);
      return anchored;
    }
    const before = this.#total;
    this.#count(1, line);
    const plain = this.#value(node, depth, line);
    const name = NAMES.get(node?.tag ?? '');
    const untagged = longForm(plain) ?? plain;
    const tree = name ? ({ kind: 'call', name, argument: untagged, line } as const) : untagged;
    const sized = { tree, size: this.#total - before };
    if (node && 'anchor' in node && node.anchor) this.#anchors.set(node.anchor, sized);
    return sized;
  }

  #value(node: ParsedNode | null, depth: number, line: number): Tree {
    if (isMap(node)) return this.#mapping(node, depth, line);
    if (isSeq(node)) return { kind: 'list', items: node.items.map((item) => this.convert(item as ParsedNode, depth + 1).tree), line };
    if (!isScalar(node) || node.value === null) return { kind: 'scalar', value: null, text: '', line };
    const { value } = node;
    if (typeof value === 'number' || typeof value === 'boolean') return { kind: 'scalar', value, text: node.source ?? String(value), line };
    return { kind: 'scalar', value: String(value), text: String(value), line };
  }

  #mapping(node: YAMLMap, depth: number, line: number): Mapping {
    const entries = new Map<string, Tree>();
    const merged: [string, Tree][] = [];
    for (const { key, value } of node.items) {
      if (!isScalar(key)) throw new ImportError('a key must be a plain text', this.#line(key as ParsedNode) || line);
      const name = typeof key.value === 'number' ? (key.source ?? String(key.value)) : String(key.value ?? '');
      const { tree } = this.convert(value as ParsedNode | null, depth + 1);
      if (name === '<<') merged.push(...(tree.kind === 'list' ? tree.items.flatMap(entriesOf) : entriesOf(tree)));
      else if (entries.has(name)) throw new ImportError(`the key ${JSON.stringify(name)} is there twice`, this.#line(key as ParsedNode));
      // A value stands where its key does: a block begins on a line of its own, and what an alias names far away.
      else entries.set(name, { ...tree, line: this.#line(key as ParsedNode) });
    }
    for (const [name, tree] of merged) if (!entries.has(name)) entries.set(name, tree);
    return { kind: 'mapping', entries, line };
  }

  #count(values: number, line: number): void {
    this.#total += values;
    if (this.#total > MAX_VALUES)
      throw new ImportError(`the file has more than ${MAX_VALUES} values once its aliases are written out`, line);
  }

  #line(node: ParsedNode | null): number {
    return node?.range ? this.#lines.linePos(node.range[0]).line : 0;
  }
}

/** `{Ref: A}` and `{'Fn::Sub': …}`, which JSON templates and older YAML ones write. */
function longForm(tree: Tree): Tree | undefined {
  if (tree.kind !== 'mapping' || tree.entries.size !== 1) return undefined;
  for (const [key, argument] of tree.entries) {
    const name = NAMES.get(key);
    if (name) return { kind: 'call', name, argument, line: tree.line };
  }
  return undefined;
}
