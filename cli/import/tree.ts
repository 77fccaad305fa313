/** A template's values, each with the line it stands on, so that a note can say where. */
export type Tree = Scalar | List | Mapping | Call | Unknown | Nothing;

export interface Scalar {
  kind: 'scalar';
  value: string | number | boolean | null;
  /** As it is written: an account number keeps its leading zeros. */
  text: string;
  line: number;
}

export interface List {
  kind: 'list';
  items: Tree[];
  line: number;
}

export interface Mapping {
  kind: 'mapping';
  entries: Map<string, Tree>;
  line: number;
}

/** An intrinsic function of CloudFormation, in its long or its short form: `!Ref A` is `{name: 'Ref', argument: A}`. */
export interface Call {
  kind: 'call';
  name: string;
  argument: Tree;
  line: number;
}

/** What only AWS (or somebody else) knows: `why` ends the sentence "… cannot be known here: WHY". */
export interface Unknown {
  kind: 'unknown';
  why: string;
  line: number;
}

/** CloudFormation's AWS::NoValue: as if it had been left out. */
export interface Nothing {
  kind: 'nothing';
  line: number;
}

export function scalar(value: string | number | boolean | null, line: number): Scalar {
  return { kind: 'scalar', value, text: value === null ? '' : String(value), line };
}

export function unknown(why: string, line: number): Unknown {
  return { kind: 'unknown', why, line };
}

export function mapping(entries: Iterable<[string, Tree]>, line: number): Mapping {
  return { kind: 'mapping', entries: new Map(entries), line };
}

/** The value under a key; undefined where there is none, or where the tree is no mapping. */
export function get(tree: Tree | undefined, ...keys: string[]): Tree | undefined {
  let at = tree;
  for (const key of keys) at = at?.kind === 'mapping' ? at.entries.get(key) : undefined;
  return at;
}

/** The entries of a mapping; none of anything else. */
export function entriesOf(tree: Tree | undefined): [string, Tree][] {
  return tree?.kind === 'mapping' ? [...tree.entries] : [];
}

export function itemsOf(tree: Tree | undefined): Tree[] {
  return tree?.kind === 'list' ? tree.items : [];
}

/** The text of a scalar that is not null. */
export function textOf(tree: Tree | undefined): string | undefined {
  return tree?.kind === 'scalar' && tree.value !== null ? tree.text : undefined;
}

/** A whole number, also where it is written as a string. */
export function integerOf(tree: Tree | undefined): number | undefined {
  const text = textOf(tree)?.trim();
  return text !== undefined && /^-?[0-9]{1,9}$/.test(text) ? Number(text) : undefined;
}
