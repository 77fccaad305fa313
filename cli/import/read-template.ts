import { readFileSync, statSync } from 'node:fs';
import { ImportError } from './import-error.ts';
import { MAX_BYTES } from './parse.ts';

/** The text of a template; ImportError for what cannot be read, or is no text. */
export function readTemplate(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) throw new ImportError('there is no such file');
  if (stat.isDirectory()) throw new ImportError('it is a folder: name the template in it, template.yaml or serverless.yml');
  if (!stat.isFile()) throw new ImportError('it is no ordinary file');
  if (/\.[cm]?[jt]s$/.test(file))
    throw new ImportError("it is a program: run 'serverless print > serverless.yml' (or 'cdk synth > template.yaml') and import that");
  if (stat.size > MAX_BYTES) throw new ImportError('the file is larger than 1 MiB, which is more than CloudFormation itself takes');
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new ImportError(`it cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ImportError('it is no text in UTF-8');
  }
}
