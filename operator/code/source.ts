import { createHash } from 'node:crypto';
import type { Source } from '../../common/api/code.ts';
import { effectiveSpec } from '../../common/api/defaults.ts';
import type { LullFunction } from '../../common/api/function.ts';
import { REFRESH_ANNOTATION } from '../../common/api/names.ts';
import type { LullRuntime, RuntimeBuild } from '../../common/api/runtime.ts';
import { codeDigest } from '../../common/api/token.ts';
import { canonical } from '../function/canonical.ts';
import { isSpecified } from '../function/image-process.ts';

/** Something that has to be fetched before a revision can be made. */
export interface Wanted {
  /** `code`, `layer-0`, …; `image`, of which only its configuration is read. */
  name: string;
  /** 16 hex digits over all that decides what is fetched: a change of it fetches anew. */
  source: string;
  from: Source | { inline: Readonly<Record<string, string>> };
  /** How what the code asks for is installed; layers are taken as they are. */
  build?: RuntimeBuild;
}

/** Names of files that ask for packages. */
const MANIFESTS = ['requirements.txt', 'package.json'] as const;

/**
 * What of a function is to be fetched; pure. Nothing for inline code that asks for no packages, or whose Runtime installs none: that is handed over by the activators.
 * `configMapVersion` gives the resourceVersion of a ConfigMap in the function's namespace; a change of it is a change of the source.
 */
export function sourcesOf(fn: LullFunction, runtime: LullRuntime | undefined, configMapVersion: (name: string) => string): Wanted[] {
  const build = runtime?.spec.build;
  const refresh = fn.metadata.annotations?.[REFRESH_ANNOTATION];
  const wanted = (name: string, from: Wanted['from'], by: RuntimeBuild | undefined): Wanted => {
    const facts = {
      // Inline code by its digest: how it is packed on its way must not matter.
      from: 'inline' in from ? { inline: codeDigest(from.inline) } : from,
      ...(by && { build: by }),
      ...('configMap' in from && { version: configMapVersion(from.configMap.name) }),
      ...(refresh !== undefined && { refresh }),
    };
    const source = createHash('sha256').update(canonical(facts)).digest('hex').slice(0, 16);
    return { name, source, from, ...(by && { build: by }) };
  };
  const { inline, configMap, archive, git, oci, image, pullSecret, caBundle } = fn.spec.code;
  const all: Wanted[] = [];
  if (inline && build && MANIFESTS.some((name) => Object.hasOwn(inline, name))) all.push(wanted('code', { inline }, build));
  const code = sourceIn({ configMap, archive, git, oci });
  if (code) all.push(wanted('code', code, build));
  const asked = image !== undefined && effectiveSpec(fn.spec).protocol === 'lambda' && !isSpecified(fn.spec);
  if (asked) all.push(wanted('image', { image: { image, ...(pullSecret && { pullSecret }), ...(caBundle && { caBundle }) } }, undefined));
  for (const [index, layer] of (fn.spec.layers ?? []).entries()) {
    const source = sourceIn(layer);
    if (source) all.push(wanted(`layer-${index}`, source, undefined));
  }
  return all;
}

/** The one that is given; the API server has seen to it that there is one at most. */
function sourceIn({ configMap, archive, git, oci }: Partial<Omit<UnionOf<Source>, 'image'>>): Source | undefined {
  if (configMap) return { configMap };
  if (archive) return { archive };
  if (git) return { git };
  return oci && { oci };
}

/** All fields of a union of objects, each as it may be left out. */
type UnionOf<T> = { [K in T extends unknown ? keyof T : never]?: (T extends Record<K, infer V> ? V : never) | undefined };

/** Where the code comes from, in a few words for a status: `https://example.com/code.zip`. */
export function describeSource(from: Wanted['from']): string {
  if ('inline' in from) return 'spec.code.inline';
  if ('configMap' in from) return `ConfigMap ${from.configMap.name}`;
  if ('archive' in from) return from.archive.url.replace(/\?.*$/, '');
  if ('git' in from) return `${from.git.url}${from.git.ref === undefined ? '' : ` at ${from.git.ref}`}`;
  return 'image' in from ? from.image.image : from.oci.image;
}
