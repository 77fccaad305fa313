import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The command of a Runtime for programs that bring their own client of the Runtime API, as AWS's provided.al2023 does: the file is looked for in the code. */
const BOOTSTRAP = 'bootstrap';
/** Where layers are. */
const LAYERS = '/opt';

/** e_machine of the ELF header, by Node's name of the processor. */
const MACHINES: Partial<Record<string, number>> = { x64: 62, arm64: 183 };

/**
 * The command that starts a handler process. Throws in AWS's words when it is a bootstrap that is not there, or is nothing that the kernel runs; that it may
 * not be executed the kernel says itself.
 */
export function entryPoint(command: readonly string[], taskRoot: string, layers = LAYERS): readonly string[] {
  if (command[0] !== BOOTSTRAP) return command;
  const candidates = [join(taskRoot, BOOTSTRAP), join(layers, BOOTSTRAP)];
  const file = candidates.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  if (!file) throw new Error(`Couldn't find valid bootstrap(s): [${candidates.join(' ')}]`);
  if (!isProgram(file)) throw new Error(`fork/exec ${file}: exec format error`);
  return [file, ...command.slice(1)];
}

/**
 * Whether the kernel would run it. Node would not tell: where the kernel says no, the C library hands the file to a shell, and a program for another processor
 * becomes a page of syntax errors. A file that cannot be read is left to the kernel.
 */
function isProgram(file: string): boolean {
  const head = Buffer.alloc(20);
  try {
    const fd = openSync(file, 'r');
    readSync(fd, head, 0, head.length, 0);
    closeSync(fd);
  } catch {
    return true;
  }
  if (head.toString('latin1', 0, 2) === '#!') return true;
  return head.toString('latin1', 0, 4) === '\x7fELF' && head.readUInt16LE(18) === (MACHINES[process.arch] ?? head.readUInt16LE(18));
}
