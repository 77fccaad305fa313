/** A file that cannot be imported at all, said in a sentence for whoever gave it; the only error that an import throws on purpose. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
  /** Line of the file, from 1, where it is known. */
  readonly line: number | undefined;

  constructor(message: string, line?: number) {
    super(message);
    this.line = line;
  }
}
