import path from 'node:path';
import type { ImportOptions } from '../import-template.ts';

export interface Fixture {
  /** Folder below testing/; what it gives is in expected/FOLDER.yaml and .txt (notes). */
  folder: string;
  file: string;
  options?: Partial<ImportOptions>;
}

/** Templates as people have them, each with what an import of it gives. */
export const FIXTURES: readonly Fixture[] = [
  { folder: 'sam-python', file: 'template.yaml' },
  { folder: 'sam-node', file: 'template.yaml' },
  { folder: 'sam-image', file: 'template.yaml' },
  {
    folder: 'sam-worker',
    file: 'template.yaml',
    options: { namespace: 'shop', runtimeMap: new Map([['python3.9', 'python3.11']]), cpuRequest: true },
  },
  { folder: 'cloudformation', file: 'template.json', options: { parameters: new Map([['Nmae', 'x']]) } },
  { folder: 'serverless-python', file: 'serverless.yml' },
  { folder: 'serverless-node', file: 'serverless.yml', options: { stage: 'prod', env: { FROM_SHELL: 'from the shell' } } },
  { folder: 'serverless-typescript', file: 'serverless.yml' },
];

export function fixtureFolder({ folder }: Fixture): string {
  return path.join(import.meta.dirname, folder);
}

export const NO_OPTIONS: ImportOptions = { runtimeMap: new Map(), cpuRequest: false, parameters: new Map(), env: {} };
