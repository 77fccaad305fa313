import type { LullFunction } from '../../common/api/function.ts';
import type { LullRuntime } from '../../common/api/runtime.ts';

/**
 * Says that inline code names packages which its Runtime does not install; pure. Undefined for code that names none, or comes with layers, which may bring them. Of other sources it
 * is not known what is in them, and an archive brings its packages along, as on AWS.
 */
export function unbuilt(fn: LullFunction, runtime: LullRuntime | undefined): string | undefined {
  const { inline } = fn.spec.code;
  if (!inline || !runtime || runtime.spec.build || (fn.spec.layers ?? []).length > 0) return undefined;
  const file = namesRequirements(inline['requirements.txt'])
    ? 'requirements.txt'
    : namesDependencies(inline['package.json']) && 'package.json';
  if (!file) return undefined;
  return `spec.code.inline has a ${file}, and the Runtime ${runtime.metadata.name} does not say how packages are installed (its spec.build): take a Runtime that does (kubectl get runtimes -o custom-columns=NAME:.metadata.name,BUILD:.spec.build.image), or bring them along in an archive or a layer, or remove ${file}`;
}

/** A line that is no comment. */
function namesRequirements(text: string | undefined): boolean {
  return text?.split('\n').some((line) => /^\s*[^#\s]/.test(line)) ?? false;
}

/** A package.json may be there only to say that files are modules. One that is no JSON is the handler's affair. */
function namesDependencies(text: string | undefined): boolean {
  if (text === undefined) return false;
  try {
    const { dependencies } = JSON.parse(text) as { dependencies?: object };
    return Object.keys(dependencies ?? {}).length > 0;
  } catch {
    return false;
  }
}
