/** The Runtimes that Lull's chart brings (charts/lull/templates/runtimes.yaml; a test compares). */
export const OFFERED: readonly string[] = [
  'java17',
  'nodejs20.x',
  'nodejs22.x',
  'nodejs24.x',
  'provided',
  'provided.al2023',
  'python3.11',
  'python3.13',
];

/** What is chosen for a runtime of AWS, and what is to be said about it. */
export interface RuntimeChoice {
  /** The name for spec.runtime; undefined where what AWS calls it is no name of a Runtime. */
  name: string | undefined;
  level: 'none' | 'changed' | 'lost';
  text: string;
}

const RUNTIME = /^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/;

/** `renamed`: --runtime-map. A Runtime that the chart does not bring is named all the same: a cluster may have it (`kubectl get runtimes`). */
export function chooseRuntime(aws: string, renamed: ReadonlyMap<string, string>): RuntimeChoice {
  const mapped = renamed.get(aws);
  const name = mapped ?? aws;
  if (!RUNTIME.test(name)) {
    return { name: undefined, level: 'lost', text: `${name} cannot be the name of a Runtime: use --runtime-map ${aws}=RUNTIME` };
  }
  if (mapped !== undefined) return { name, level: 'changed', text: `${aws} is run by the Runtime ${mapped}, as --runtime-map says` };
  if (OFFERED.includes(aws)) return { name: aws, level: 'none', text: '' };
  const nearest = nearestTo(aws);
  const remedy = nearest
    ? `add a Runtime of that name to the cluster, or take the nearest: --runtime-map ${aws}=${nearest}`
    : 'add a Runtime of that name to the cluster, or put the function in an image with an HTTP server (spec.protocol: http)';
  return { name: aws, level: 'lost', text: `Lull's chart brings no Runtime ${aws}: ${remedy}` };
}

/** Of the same language: the next newer, or else the newest. Java's bytecode runs on what is newer only. */
function nearestTo(runtime: string): string | undefined {
  const family = familyOf(runtime);
  const versions = OFFERED.filter((name) => familyOf(name) === family).sort((a, b) => versionOf(a) - versionOf(b));
  return versions.find((name) => versionOf(name) >= versionOf(runtime)) ?? (family === 'java' ? undefined : versions.at(-1));
}

/** "python3.9" → 3.009, "nodejs22.x" → 22, so that they may be compared. */
function versionOf(runtime: string): number {
  const [, major = '0', minor = '0'] = /(\d+)(?:\.(\d+))?/.exec(runtime) ?? [];
  return Number(major) + Number(minor) / 1000;
}

/** The language: the letters that a runtime's name begins with. "python3.12" → "python". */
export function familyOf(runtime: string | undefined): string {
  return /^[a-z]*/.exec(runtime ?? '')?.[0] ?? '';
}
