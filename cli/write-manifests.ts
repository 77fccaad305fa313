import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Manifest } from './import/description.ts';
import { ImportError } from './import/import-error.ts';
import { manifestText } from './import/manifest-text.ts';

/** FOLDER/NAME.yaml for each; ImportError, with nothing written, where a file is there already and is not to be replaced. */
export function writeManifests(folder: string, manifests: readonly Manifest[], isForced: boolean): void {
  const files = manifests.map((manifest) => [path.join(folder, `${manifest.metadata.name}.yaml`), manifestText(manifest)] as const);
  const taken = files.filter(([file]) => existsSync(file)).map(([file]) => file);
  if (taken.length > 0 && !isForced) throw new ImportError(`${taken.join(', ')} is there already: --force replaces it`);
  try {
    mkdirSync(folder, { recursive: true });
    for (const [file, text] of files) writeFileSync(file, text);
  } catch (error) {
    throw new ImportError(`the manifests cannot be written to ${folder}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
