/** What the command line is given of its process. */
export interface Io {
  stdout(text: string): void;
  stderr(text: string): void;
  env: Readonly<Record<string, string | undefined>>;
  /** stderr is a terminal that takes colours. */
  isColoured: boolean;
}

/** What a command ends with; docs/guides/import.md says the same. */
export const EXIT = { ok: 0, wrong: 1, incomplete: 2 } as const;
