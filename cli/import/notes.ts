/**
 * What became of a part of the template that is not simply in the manifest:
 * `lost`, it is not carried over and somebody has to do something; `changed`, it is, but means something else here; `hint`, good to know.
 */
export type NoteLevel = 'lost' | 'changed' | 'hint';

export interface Note {
  level: NoteLevel;
  /** Line of the file, from 1; undefined where no line is to blame. */
  line?: number;
  /** The function's name in the template; undefined for what concerns all. */
  function?: string;
  /** What it is, as the template calls it. */
  what: string;
  /** What became of it, and what to do. */
  text: string;
}

/** Collects notes: those of one function are made by `of`. */
export class Notes {
  readonly #notes: Note[] = [];

  add(level: NoteLevel, line: number | undefined, what: string, text: string, fn?: string): void {
    const note: Note = { level, what, text };
    if (line) note.line = line;
    if (fn !== undefined) note.function = fn;
    this.#notes.push(note);
  }

  /** Notes of one function. */
  of(fn: string): FunctionNotes {
    const add = (level: NoteLevel) => (line: number | undefined, what: string, text: string) => this.add(level, line, what, text, fn);
    return { lost: add('lost'), changed: add('changed'), hint: add('hint') };
  }

  /** In the order of the file; those without a line last. */
  list(): Note[] {
    return this.#notes.toSorted((a, b) => (a.line ?? Number.MAX_SAFE_INTEGER) - (b.line ?? Number.MAX_SAFE_INTEGER));
  }
}

type Say = (line: number | undefined, what: string, text: string) => void;

export interface FunctionNotes {
  lost: Say;
  changed: Say;
  hint: Say;
}
