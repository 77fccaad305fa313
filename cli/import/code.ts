import path from 'node:path';
import type { DescribedCode } from './description.ts';
import type { Folder } from './folder.ts';
import { handlerModule } from './handler-module.ts';
import { unmetImports } from './imports.ts';
import type { FunctionNotes } from './notes.ts';

/** Bounds of spec.code.inline. */
const MAX_FILES = 50;
const MAX_BYTES = 524_288;

const MODULE_ENDINGS: ReadonlyMap<string, readonly string[]> = new Map([
  ['python', ['.py']],
  ['nodejs', ['.mjs', '.js', '.cjs']],
]);
/** What a handler may read beside its own language's files. */
const DATA = /\.(json|txt|csv|html|xml|sql|tmpl|j2|graphql)$/;
/** Text that stands beside code and is not part of it. */
const NOT_CODE =
  /^(template|serverless)\.json$|^(package-lock|tsconfig.*|\.|composer|cdk|samconfig)|\.(test|spec|config)\.[mc]?js$|^test_.*\.py$|_test\.py$|^(setup|conftest)\.py$|^requirements.*\.txt$/;
const NOT_CODE_FOLDER = /^(\..*|node_modules|__pycache__|__tests__|tests?|dist|coverage|events?|docs?|venv|env)$/;
/** In Lull's Python image. */
const PROVIDED = /^(boto3|botocore|s3transfer|awslambdaric)$/i;

export interface ReadCode {
  inline?: Record<string, string>;
  /** spec.handler: as the template has it, without folders. */
  handler?: string;
}

/** The files of a function as spec.code.inline, where they are few, small and flat; where not, a note says what to do. */
export function readCode(code: DescribedCode, handler: string, family: string, folder: Folder, notes: FunctionNotes): ReadCode {
  const endings = MODULE_ENDINGS.get(family);
  if (!endings && code.kind !== 'source') {
    notes.lost(
      code.line,
      'code',
      `not read: Lull runs Python and JavaScript from their files, ${family || 'this'} from an image with an HTTP server`,
    );
    return {};
  }
  const at = handlerModule(handler, family);
  if (!at) notes.lost(code.line, 'Handler', `${JSON.stringify(handler)} is not MODULE.FUNCTION: write spec.handler by hand`);
  const result: ReadCode = at ? { handler: at.handler } : {};
  if (code.kind === 'source') {
    if (Buffer.byteLength(code.text) > MAX_BYTES) {
      notes.lost(code.line, 'code', 'more than the 512 KiB that spec.code.inline takes: leave out what the handler does not need');
      return result;
    }
    const ending = endings?.[0] === '.py' ? '.py' : nodeEnding(code.text);
    return { ...result, inline: { [`${at?.module ?? 'index'}${ending}`]: code.text } };
  }
  if (code.kind === 'elsewhere') notes.lost(code.line, 'code', `not read: ${code.why}; then write the files to spec.code.inline`);
  if (code.kind !== 'folder' || !at || !endings) return result;
  const inline = new FolderCode(code, path.posix.join(code.path, at.folder), folder, notes).read(at.module, family, endings);
  return inline ? { ...result, inline: Object.fromEntries(inline) } : result;
}

/** A module that says `import` or `export` is an ES module, whatever stands beside it. */
function nodeEnding(source: string): string {
  return /^[ \t]*(import|export)\b/m.test(source) ? '.mjs' : '.js';
}

class FolderCode {
  readonly #line: number;
  readonly #root: string;
  readonly #path: string;
  readonly #folder: Folder;
  readonly #notes: FunctionNotes;

  constructor(code: { path: string; line: number }, modulePath: string, folder: Folder, notes: FunctionNotes) {
    this.#line = code.line;
    this.#root = code.path;
    this.#path = modulePath;
    this.#folder = folder;
    this.#notes = notes;
  }

  read(module: string, family: string, endings: readonly string[]): Map<string, string> | undefined {
    const listing = this.#folder.list(this.#path);
    if (listing.kind !== 'folder') return this.#lost(this.#notAFolder(listing.kind));
    if (!endings.some((ending) => listing.files.includes(module + ending)))
      return this.#lost(this.#noModule(module, listing.files, endings));
    const wanted = listing.files.filter((name) => isWanted(name, family, endings));
    if (wanted.length > MAX_FILES)
      return this.#lost(`${this.#path} holds ${wanted.length} files, and spec.code.inline ${MAX_FILES} at most: bundle them into one`);
    const files = new Map<string, string>();
    const unread: string[] = [];
    for (const name of wanted) {
      const text = this.#folder.read(path.posix.join(this.#path, name));
      if (text === undefined) unread.push(name);
      else files.set(name, text);
    }
    const bytes = [...files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    if (bytes > MAX_BYTES || !endings.some((ending) => files.has(module + ending)))
      return this.#lost(
        `the files in ${this.#path} are more than the 512 KiB that spec.code.inline takes: leave out what the handler does not need`,
      );
    if (unread.length > 0) this.#lost(`left out, being no text or too large: ${unread.join(', ')}`);
    this.#unmet(files, endings.map((ending) => module + ending).find((name) => files.has(name)) ?? '', listing.folders);
    if (this.#path !== this.#root)
      this.#notes.changed(
        this.#line,
        'Handler',
        `its folder ${this.#path} becomes the root of the code: files that the code opens by a path are looked for there`,
      );
    return files;
  }

  #unmet(files: Map<string, string>, entry: string, folders: readonly string[]): void {
    const root = this.#folder.list(this.#root);
    const neighbours = new Set([
      ...folders,
      ...(root.kind === 'folder' ? [...root.folders, ...root.files.map((name) => name.replace(/\.py$/, ''))] : []),
    ]);
    const isPython = entry.endsWith('.py');
    const unmet = [...unmetImports(files, entry, neighbours), ...(isPython ? this.#requirements() : [])];
    if (unmet.length > 0) {
      const remedy = isPython
        ? 'put those files beside the handler and import them by their bare names; for packages, add a Runtime whose image has them'
        : 'bundle it into one file (esbuild --bundle --platform=node) and import what that gives';
      this.#lost(`imports what is not carried over: ${unmet.join(', ')}: ${remedy}`);
    }
    const left = folders.filter((name) => !NOT_CODE_FOLDER.test(name));
    if (left.length > 0)
      this.#notes.hint(this.#line, 'code', `folders are not carried over (spec.code.inline is flat): ${left.join(', ')}`);
  }

  /** Packages that requirements.txt names, beside those in Lull's image. */
  #requirements(): string[] {
    const text =
      this.#folder.read(path.posix.join(this.#path, 'requirements.txt')) ??
      this.#folder.read(path.posix.join(this.#root, 'requirements.txt')) ??
      '';
    return text
      .split('\n')
      .map((line) => /^\s*([A-Za-z0-9][A-Za-z0-9._-]*)/.exec(line)?.[1] ?? '')
      .filter((name) => name !== '' && !PROVIDED.test(name));
  }

  #lost(text: string): undefined {
    this.#notes.lost(this.#line, 'code', text);
    return undefined;
  }

  #notAFolder(kind: 'file' | 'missing' | 'outside'): string {
    const then = 'then write the files to spec.code.inline, or import again';
    if (kind === 'file') return `not read: ${this.#path} is a file: unpack it to a folder and name that; ${then}`;
    if (kind === 'missing') return `not read: there is no folder ${this.#path} beside the template: build it, or mend the path; ${then}`;
    return `not read: ${this.#path} is not below the template's folder: copy it there, or the template above it; ${then}`;
  }

  #noModule(module: string, files: readonly string[], endings: readonly string[]): string {
    const typescript = files.find((name) => name === `${module}.ts` || name === `${module}.mts`);
    if (typescript)
      return `not read: ${typescript} is TypeScript: build it (esbuild ${path.posix.join(this.#path, typescript)} --bundle --platform=node --outfile=build/${module}.js), name that folder, and import again`;
    return `not read: ${this.#path} has no ${endings.map((ending) => module + ending).join(', ')}: mend the handler or the path, and import again`;
  }
}

function isWanted(name: string, family: string, endings: readonly string[]): boolean {
  if (NOT_CODE.test(name) || !/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(name)) return false;
  // Without it Node would take an ES module in a .js file for CommonJS.
  if (name === 'package.json') return family === 'nodejs';
  return endings.some((ending) => name.endsWith(ending)) || DATA.test(name);
}
