import type { Stated } from './description.ts';
import type { FunctionNotes } from './notes.ts';
import { entriesOf, get, integerOf, itemsOf, type Tree, textOf } from './tree.ts';

/** Reads a function's fields, all resolved; one that is unknown, or of another type, is noted and counts as left out. */
export class Fields {
  readonly #tree: Tree;
  readonly #notes: FunctionNotes;

  constructor(tree: Tree, notes: FunctionNotes) {
    this.#tree = tree;
    this.#notes = notes;
  }

  text(...path: string[]): Stated<string> | undefined {
    return this.#read(path, textOf, 'a text');
  }

  integer(...path: string[]): Stated<number> | undefined {
    return this.#read(path, integerOf, 'a whole number');
  }

  /** The entries of a mapping; none, with a note, where it is not known. */
  entries(...path: string[]): [string, Tree][] {
    return entriesOf(this.#known(path));
  }

  items(...path: string[]): Tree[] {
    return itemsOf(this.#known(path));
  }

  #known(path: string[]): Tree | undefined {
    let at: Tree | undefined = this.#tree;
    for (const key of path) {
      at = get(at, key);
      if (at?.kind === 'unknown') this.#notes.lost(at.line, path.join('.'), `left out: ${at.why}`);
    }
    return at;
  }

  #read<T>(path: string[], as: (tree: Tree) => T | undefined, type: string): Stated<T> | undefined {
    const tree = get(this.#tree, ...path);
    if (!tree || (tree.kind === 'scalar' && tree.value === null)) return undefined;
    const value = as(tree);
    if (value !== undefined) return { value, line: tree.line };
    const why = tree.kind === 'unknown' ? tree.why : `it is not ${type}`;
    this.#notes.lost(tree.line, path.join('.'), `left out: ${why}`);
    return undefined;
  }
}
