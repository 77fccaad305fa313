import type { Imported } from './description.ts';
import type { Folder } from './folder.ts';
import { ImportError } from './import-error.ts';
import { Names } from './name.ts';
import { Notes } from './notes.ts';
import { parse } from './parse.ts';
import { sam } from './sam.ts';
import { serverless } from './serverless.ts';
import { type ToFunctionOptions, toFunction } from './to-function.ts';
import { get, type Tree, textOf } from './tree.ts';
import type { VariableInputs } from './variables.ts';

export type ImportOptions = ToFunctionOptions & VariableInputs;

/**
 * The text of a SAM template, a CloudFormation template or a serverless.yml → Function manifests, and what became of all that is not in them.
 * Throws ImportError, and nothing else, for a text that is none of these.
 */
export function importTemplate(text: string, options: ImportOptions, folder: Folder): Imported {
  try {
    const notes = new Notes();
    const { functions } = describe(parse(text), options, notes);
    const names = new Names();
    const manifests = functions.map((fn) => toFunction(fn, names.take(fn.id), options, folder, notes.of(fn.id)));
    return { manifests, notes: notes.list() };
  } catch (error) {
    // Depths are bounded one by one; this is for what they come to together.
    if (error instanceof RangeError) throw new ImportError('the file is nested too deeply to be a template');
    throw error;
  }
}

function describe(tree: Tree, options: ImportOptions, notes: Notes) {
  if (tree.kind !== 'mapping') throw new ImportError('the file is no template: it holds no keys', tree.line);
  if (get(tree, 'Resources')?.kind === 'mapping') return sam(tree, options.parameters, notes);
  if (get(tree, 'provider') && (get(tree, 'functions') || get(tree, 'service'))) return serverless(tree, options, notes);
  const kind = textOf(get(tree, 'kind'));
  const hint = kind && get(tree, 'apiVersion') ? `: it is a Kubernetes manifest (${kind})` : '';
  throw new ImportError(
    `the file is neither a SAM or CloudFormation template (Resources) nor a serverless.yml (service, provider, functions)${hint}`,
  );
}
