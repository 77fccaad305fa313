import { builtinModules } from 'node:module';

const BUILT_IN = new Set(builtinModules);
const NODE_IMPORT = /(?:\bfrom|\bimport|\brequire\s*\(|\bimport\s*\()\s*['"]([^'"\n]{1,200})['"]/g;
const PYTHON_IMPORT = /^[ \t]*(?:from[ \t]+(\.*[\w.]*)[ \t]+import\b|import[ \t]+([\w., \t]+))/gm;
const NODE_ENDINGS = ['', '.js', '.mjs', '.cjs', '.json'];

/**
 * What the entry, and what it imports, import that is not among the files: packages, and files above or below their folder. For Node `import a from './lib/a.js'` and `require('axios')`;
 * for Python `from lib.a import b` where `lib` is a neighbour (a package is not told from the standard library by its name: requirements.txt tells).
 */
export function unmetImports(files: ReadonlyMap<string, string>, entry: string, neighbours: ReadonlySet<string>): string[] {
  const unmet = new Set<string>();
  const reached = new Set([entry]);
  // A set may grow while it is walked: what is added is visited.
  for (const name of reached) {
    const text = files.get(name) ?? '';
    const isPython = name.endsWith('.py');
    for (const imported of isPython ? pythonImports(text) : nodeImports(text)) {
      const file = isPython ? pythonFile(imported, files) : nodeFile(imported, files);
      if (file !== undefined) reached.add(file);
      else if (isPython ? imported.startsWith('.') || neighbours.has(first(imported)) : !isBuiltIn(imported)) unmet.add(imported);
    }
  }
  return [...unmet].sort();
}

/** "lib.render" → "lib". */
function first(module: string): string {
  return module.split('.')[0] ?? '';
}

function pythonFile(module: string, files: ReadonlyMap<string, string>): string | undefined {
  const name = `${first(module)}.py`;
  return files.has(name) ? name : undefined;
}

function nodeFile(specifier: string, files: ReadonlyMap<string, string>): string | undefined {
  if (!specifier.startsWith('./')) return undefined;
  return NODE_ENDINGS.map((ending) => specifier.slice(2) + ending).find((name) => files.has(name));
}

function isBuiltIn(specifier: string): boolean {
  return specifier.startsWith('node:') || BUILT_IN.has(specifier);
}

function nodeImports(text: string): string[] {
  const code = text
    .split('\n')
    .filter((line) => !/^\s*(\/\/|\*|\/\*)/.test(line))
    .join('\n');
  return [...code.matchAll(NODE_IMPORT)].map(([, specifier]) => specifier ?? '');
}

function pythonImports(text: string): string[] {
  return [...text.matchAll(PYTHON_IMPORT)].flatMap(([, from, names]) =>
    from === undefined ? (names ?? '').split(',').map((name) => name.trim().split(/\s/)[0] ?? '') : [from],
  );
}
