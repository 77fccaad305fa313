import { readFileSync } from 'node:fs';

/** What a Dockerfile is made from. */
export interface Inputs {
  /** Names of our own images: what must be built before it. */
  readonly images: readonly string[];
  /** Suites of Debian whose slim images it starts from. */
  readonly suites: readonly string[];
  /** Paths that it copies from the build context. */
  readonly paths: readonly string[];
}

const debianImage = /^(?:docker\.io\/library\/)?debian:([a-z]+)-slim$/;
const ownImage = /^(?:docker\.io\/)?lull\/([a-z0-9-]+):dev$/;

/** Reads FROM and COPY lines, the only ones through which something gets in. */
export function inputsOf(file: string): Inputs {
  const images = new Set<string>();
  const suites = new Set<string>();
  const paths = new Set<string>();
  const lines = readFileSync(file, 'utf8').replace(/\\\n/g, ' ').split('\n');
  for (const line of lines) {
    const [instruction = '', ...words] = line.trim().split(/\s+/);
    const flags = words.filter((word) => word.startsWith('--'));
    const operands = words.filter((word) => !word.startsWith('--'));
    const from = flags.find((flag) => flag.startsWith('--from='))?.slice('--from='.length);
    switch (instruction.toUpperCase()) {
      case 'FROM':
        addImage(operands[0]);
        break;
      case 'COPY':
      case 'ADD':
        if (from === undefined) for (const path of operands.slice(0, -1)) paths.add(path);
        else addImage(from);
    }
    for (const flag of flags) addImage(/^--mount=.*from=([^,]+)/.exec(flag)?.[1]);
  }
  function addImage(reference: string | undefined): void {
    const name = ownImage.exec(reference ?? '')?.[1];
    if (name) images.add(name);
    const suite = debianImage.exec(reference ?? '')?.[1];
    if (suite) suites.add(suite);
  }
  return { images: [...images], suites: [...suites], paths: [...paths] };
}
