import { createHash } from 'node:crypto';
import type { CaBundle, Source } from '../../common/api/code.ts';
import type { LullFunction } from '../../common/api/function.ts';
import { CODE_LABEL, CODE_NAME_LABEL, CODE_SOURCE_LABEL } from '../../common/api/names.ts';
import { storedDigest, storeToken } from '../../common/api/store.ts';
import type { Job } from '../function/objects.ts';
import { owner } from '../function/owner.ts';
import type { Settings } from '../function/settings.ts';
import { MAX_UNPACKED_BYTES } from './settings.ts';
import type { Wanted } from './source.ts';

/** A finished Job, and with it the log of what it did, is kept for so long. After a failure it is also the time until the next try. */
export const TTL_SECONDS = 600;
/** After this many failures that may pass (10 s, 20 s, 40 s, 80 s apart) it is given up, until the Job's time is over. */
const RETRIES = 4;
/** The fetcher's exit code for what no further try will mend. */
const PERMANENT = 2;
const WORK = '/work';
const CREDENTIALS = '/credentials';
const CONFIG_MAP = '/configmap';
/** The certificates of a source, and the name of their file whatever the key is. */
const CA = { folder: '/ca', file: 'ca.crt' };
/** In /opt of the runtimes' images: the bridge's own. */
const RESERVED_IN_OPT = 'lull';

const CONTAINER_SECURITY = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };

interface NamedContainer {
  name: string;
  image: string;
  env: Env[];
  [field: string]: unknown;
}

interface Env {
  name: string;
  value: string;
}

/**
 * The Job that makes a bundle of a source; pure.
 *
 * It runs in the function's namespace, so that the kubelet mounts Secrets of it and no component of Lull reads them. Three containers, one after the other, each with no
 * more than it needs: `fetch` sees the credentials, `build` runs other people's install scripts and sees neither them nor a token, `pack` may write to the store.
 */
export function fetchJob(fn: LullFunction, wanted: Wanted, from: Source, settings: Settings): Job {
  const namespace = fn.metadata.namespace ?? 'default';
  const { code, announceKey } = settings;
  const labels = {
    [CODE_LABEL]: fn.metadata.name,
    [CODE_NAME_LABEL]: wanted.name,
    [CODE_SOURCE_LABEL]: wanted.source,
    'app.kubernetes.io/managed-by': 'lull',
  };
  const write = `${namespace}/${wanted.source}`;
  const upload = [
    { name: 'LULL_MAX_UNPACKED_BYTES', value: String(MAX_UNPACKED_BYTES) },
    { name: 'LULL_STORE_WRITE', value: write },
    { name: 'LULL_STORE_WRITE_TOKEN', value: storeToken(announceKey, `write/${write}`) },
    ...(wanted.name.startsWith('layer-') ? [{ name: 'LULL_RESERVED', value: RESERVED_IN_OPT }] : []),
  ];
  const store = [
    { name: 'HOME', value: `${WORK}/home` },
    { name: 'LULL_STORE', value: code.store },
  ];
  const secret = secretOf(from);
  const caBundle = caBundleOf(from);
  const mounts = [
    { name: 'work', mountPath: WORK },
    ...(secret === undefined ? [] : [{ name: 'credentials', mountPath: CREDENTIALS, readOnly: true }]),
    ...(caBundle ? [{ name: 'ca', mountPath: CA.folder, readOnly: true }] : []),
    ...('configMap' in from ? [{ name: 'configmap', mountPath: CONFIG_MAP, readOnly: true }] : []),
  ];
  const container = (name: string, image: string, env: Env[], more: object): NamedContainer => ({
    name,
    image,
    imagePullPolicy: settings.imagePullPolicy,
    env,
    resources: code.resources,
    securityContext: CONTAINER_SECURITY,
    volumeMounts: [{ name: 'work', mountPath: WORK }],
    ...more,
  });
  const fetching = (arg: string): NamedContainer =>
    container(arg, code.fetcherImage, [...code.env, ...store, ...fetchEnv(from, secret, settings)], { args: [arg], volumeMounts: mounts });
  const building = wanted.build && [
    container('build', wanted.build.image, [...code.env, { name: 'HOME', value: `${WORK}/home` }], {
      command: wanted.build.command,
      workingDir: `${WORK}/code`,
      terminationMessagePolicy: 'FallbackToLogsOnError',
    }),
  ];
  // Of an image only what its registry says is read; nothing is fetched, and nothing put into the store.
  const isImage = 'image' in from;
  const initContainers = isImage ? [] : [fetching('fetch'), ...(building ?? [])];
  const containers = isImage ? [fetching('inspect')] : [container('pack', code.fetcherImage, [...store, ...upload], { args: ['pack'] })];
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: jobName(fn, wanted), namespace, labels, ownerReferences: [owner(fn)] },
    spec: {
      backoffLimit: RETRIES,
      activeDeadlineSeconds: code.deadlineSeconds,
      ttlSecondsAfterFinished: TTL_SECONDS,
      podFailurePolicy: {
        rules: [
          ...[...initContainers, ...containers]
            .filter(({ name }) => name !== 'build')
            .map(({ name: containerName }) => ({
              action: 'FailJob',
              onExitCodes: { containerName, operator: 'In', values: [PERMANENT] },
            })),
          // A node that is drained is nobody's failure.
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] },
        ],
      },
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 10001,
            runAsGroup: 10001,
            fsGroup: 10001,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          ...(initContainers.length > 0 && { initContainers }),
          containers,
          volumes: [
            { name: 'work', emptyDir: { sizeLimit: '2Gi' } },
            // Optional: without it the pod would wait for ever without a word; so the fetcher says what is missing.
            ...(secret === undefined ? [] : [{ name: 'credentials', secret: { secretName: secret, optional: true, defaultMode: 0o440 } }]),
            ...(caBundle ? [caVolume(caBundle)] : []),
            ...('configMap' in from ? [{ name: 'configmap', configMap: { name: from.configMap.name } }] : []),
          ],
        },
      },
    },
  };
}

/** NAME-8 hex digits: 59 characters at most, so that the pods' names, with five more and a dash, are names too. */
export function jobName(fn: LullFunction, { name, source }: Wanted): string {
  const hash = createHash('sha256').update(`${name}/${source}`).digest('hex').slice(0, 8);
  return `${fn.metadata.name}-${hash}`;
}

function fetchEnv(from: Source, secret: string | undefined, { code, announceKey }: Settings): Env[] {
  const stored = 'archive' in from ? storedDigest(from.archive.url) : undefined;
  return [
    { name: 'LULL_SOURCE', value: JSON.stringify(from) },
    { name: 'LULL_MAX_UNPACKED_BYTES', value: String(MAX_UNPACKED_BYTES) },
    ...(secret === undefined ? [] : [{ name: 'LULL_CREDENTIALS_DIR', value: CREDENTIALS }]),
    ...(caBundleOf(from) ? [{ name: 'LULL_CA_FILE', value: `${CA.folder}/${CA.file}` }] : []),
    ...('configMap' in from ? [{ name: 'LULL_CONFIG_MAP_DIR', value: CONFIG_MAP }] : []),
    ...('oci' in from || 'image' in from ? [{ name: 'LULL_INSECURE_REGISTRIES', value: code.insecureRegistries }] : []),
    ...(stored === undefined ? [] : [{ name: 'LULL_STORE_READ_TOKEN', value: storeToken(announceKey, `read/${stored}`) }]),
  ];
}

function secretOf(from: Source): string | undefined {
  if ('archive' in from) return from.archive.credentialsSecret?.name;
  if ('git' in from) return from.git.credentialsSecret?.name;
  if ('image' in from) return from.image.pullSecret?.name;
  return 'oci' in from ? from.oci.pullSecret?.name : undefined;
}

function caBundleOf(from: Source): CaBundle | undefined {
  if ('archive' in from) return from.archive.caBundle;
  if ('git' in from) return from.git.caBundle;
  if ('image' in from) return from.image.caBundle;
  return 'oci' in from ? from.oci.caBundle : undefined;
}

/** Optional, as the credentials. */
function caVolume({ configMap, secret, key = CA.file }: CaBundle): object {
  const items = [{ key, path: CA.file }];
  return configMap
    ? { name: 'ca', configMap: { name: configMap.name, optional: true, items } }
    : { name: 'ca', secret: { secretName: secret?.name ?? '', optional: true, items, defaultMode: 0o440 } };
}
