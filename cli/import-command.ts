import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { Imported } from './import/description.ts';
import { DiskFolder } from './import/disk-folder.ts';
import { ImportError } from './import/import-error.ts';
import { importTemplate } from './import/import-template.ts';
import { manifestText } from './import/manifest-text.ts';
import { notesText, printable } from './import/notes-text.ts';
import { readTemplate } from './import/read-template.ts';
import { EXIT, type Io } from './io.ts';
import { writeManifests } from './write-manifests.ts';

interface Options {
  namespace?: string;
  output: string;
  force: boolean;
  runtimeMap: Map<string, string>;
  parameter: Map<string, string>;
  stage?: string;
  cpuRequest: boolean;
  strict: boolean;
  json: boolean;
}

const AFTER = `
Manifests go to stdout (or to a folder), notes to stderr. Exit codes: 0 written; 1 nothing written, the file or the call is wrong; 2 written, but with
--strict and something was not carried over.

  lull import template.yaml | kubectl apply -f -
  lull import serverless.yml --stage prod -n shop -o manifests/`;

/** `lull import FILE`: `done` is told the exit code. */
export function importCommand(io: Io, done: (code: number) => void): Command {
  return new Command('import')
    .description('Writes Function manifests from an AWS SAM template, a CloudFormation template or a serverless.yml.')
    .argument('<file>', 'template.yaml or serverless.yml; JSON too')
    .option('-n, --namespace <name>', 'metadata.namespace of the Functions', namespace)
    .option('-o, --output <folder>', 'a file for each Function in this folder; - is stdout', '-')
    .option('--force', 'replace files that are there', false)
    .option(
      '--runtime-map <aws=lull>',
      'run one runtime by another, python3.9=python3.11; may be repeated',
      pair,
      new Map<string, string>(),
    )
    .option('--parameter <name=value>', 'a parameter, also AWS::Region and the like; may be repeated', pair, new Map<string, string>())
    .option('--stage <name>', "serverless.yml's stage")
    .option('--cpu-request', "request AWS's share of CPU, a CPU for each 1769 MB", false)
    .option('--strict', 'exit with 2 if anything could not be carried over', false)
    .option('--json', 'notes as JSON', false)
    .addHelpText('after', AFTER)
    .action((file: string, options: Options) => done(importFile(file, options, io)));
}

function importFile(file: string, options: Options, io: Io): number {
  try {
    const imported = importTemplate(
      readTemplate(file),
      { ...options, stage: options.stage, namespace: options.namespace, parameters: options.parameter, env: io.env },
      new DiskFolder(path.dirname(path.resolve(file))),
    );
    if (options.output === '-') io.stdout(imported.manifests.map(manifestText).join('---\n'));
    else writeManifests(options.output, imported.manifests, options.force);
    tell(file, imported, options, io);
    return options.strict && imported.notes.some(({ level }) => level === 'lost') ? EXIT.incomplete : EXIT.ok;
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    if (options.json) io.stderr(`${JSON.stringify({ file, error: { message: error.message, line: error.line } })}\n`);
    else io.stderr(`error: ${printable(`${file}${error.line ? `:${error.line}` : ''}: ${error.message}`)}\n`);
    return EXIT.wrong;
  }
}

function tell(file: string, { manifests, notes }: Imported, options: Options, io: Io): void {
  if (options.json) {
    io.stderr(`${JSON.stringify({ file, functions: manifests.map(({ metadata }) => metadata.name), notes }, null, 2)}\n`);
    return;
  }
  const bold = (text: string): string => (io.isColoured ? `\u001b[1m${text}\u001b[0m` : text);
  const where = options.output === '-' ? '' : ` written to ${options.output}`;
  const count = manifests.length === 1 ? '1 Function' : `${manifests.length} Functions`;
  io.stderr(`${printable(`${file}: ${count}${where}`)}\n\n${notesText(file, notes, bold)}`);
}

function pair(text: string, before: Map<string, string>): Map<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It must be NAME=VALUE.');
  return new Map(before).set(text.slice(0, at), text.slice(at + 1));
}

function namespace(text: string): string {
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text))
    throw new InvalidArgumentError("It must be a namespace's name: a-z, 0-9 and '-'.");
  return text;
}
