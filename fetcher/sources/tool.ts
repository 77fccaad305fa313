import { type ExecFileException, execFile } from 'node:child_process';

/** Of what a tool says when it fails, this much is told. */
const TAIL_CHARACTERS = 600;
/** Manifests have 4 MiB at most, by the registries' own rule. */
const MAX_OUTPUT_BYTES = 8 << 20;

/** A tool that ended with another exit code than 0. */
export class ToolError extends Error {
  /** All that it wrote on stderr. */
  readonly said: string;

  constructor(tool: string, said: string) {
    super(
      `${tool}: ${said
        .trim()
        .replace(/\s*\n\s*/g, '; ')
        .slice(-TAIL_CHARACTERS)}`,
    );
    this.said = said;
  }
}

/** Runs a tool by itself, without a shell, and returns what it writes on stdout. Its messages are English whatever the machine speaks: they tell one failure from another. */
export function run(tool: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...env, LC_ALL: 'C' }, encoding: 'buffer', maxBuffer: MAX_OUTPUT_BYTES } as const;
    execFile(tool, args, options, (error: ExecFileException | null, stdout: Buffer, stderr: Buffer) => {
      if (error) reject(new ToolError(tool, stderr.length > 0 ? stderr.toString('utf8') : error.message));
      else resolve(stdout);
    });
  });
}
