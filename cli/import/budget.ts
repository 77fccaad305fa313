import { ImportError } from './import-error.ts';

/** References in a template are resolved in well under 10,000 steps; references to references could double at each level. */
const MAX_STEPS = 100_000;
/** AWS takes 4 KiB of variables; what grows beyond this grows by references to references. */
const MAX_TEXT = 65_536;

/** Bounds what resolving a template may cost, whatever it refers to. */
export class Budget {
  #steps = 0;

  /** Called for each value that is resolved. */
  step(line: number): void {
    this.#steps += 1;
    if (this.#steps > MAX_STEPS) throw new ImportError(`the file's references lead to more than ${MAX_STEPS} others`, line);
  }

  /** Called for each text that is put together. */
  text(text: string, line: number): string {
    if (text.length > MAX_TEXT) throw new ImportError(`the file's references make a text of more than ${MAX_TEXT} characters`, line);
    return text;
  }
}
