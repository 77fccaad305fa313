import { mkdirSync, writeFileSync } from 'node:fs';
import { exec } from '../exec.ts';
import { addresses } from './addresses.ts';
import { configFile, files, pkiFile } from './files.ts';

interface Identity {
  readonly name: string;
  readonly subject: string;
  readonly usage: 'serverAuth' | 'clientAuth';
  readonly alternativeNames?: string;
}

const identities: readonly Identity[] = [
  {
    name: 'apiserver',
    subject: '/CN=kube-apiserver',
    usage: 'serverAuth',
    alternativeNames: [
      'DNS:kubernetes',
      'DNS:kubernetes.default',
      'DNS:kubernetes.default.svc',
      'DNS:kubernetes.default.svc.cluster.local',
      'DNS:localhost',
      'IP:127.0.0.1',
      `IP:${addresses.node}`,
      `IP:${addresses.apiService}`,
    ].join(','),
  },
  { name: 'apiserver-kubelet-client', subject: '/O=system:masters/CN=kube-apiserver-kubelet-client', usage: 'clientAuth' },
  { name: 'admin', subject: '/O=system:masters/CN=lull-admin', usage: 'clientAuth' },
  { name: 'controller-manager', subject: '/CN=system:kube-controller-manager', usage: 'clientAuth' },
  { name: 'scheduler', subject: '/CN=system:kube-scheduler', usage: 'clientAuth' },
  { name: 'proxy', subject: '/CN=system:kube-proxy', usage: 'clientAuth' },
  { name: 'kubelet', subject: `/O=system:nodes/CN=system:node:${addresses.nodeName}`, usage: 'clientAuth' },
  { name: 'coredns', subject: '/CN=lull-coredns', usage: 'clientAuth' },
];

/** A certificate authority of this run's own, one certificate a part, and a kubeconfig for each that is a client. */
export async function createCertificates(): Promise<void> {
  mkdirSync(files.pki, { recursive: true, mode: 0o700 });
  mkdirSync(files.config, { recursive: true });
  await exec('openssl', [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '365',
    '-subj',
    '/CN=lull-test-ca',
    '-keyout',
    pkiFile('ca.key'),
    '-out',
    pkiFile('ca.crt'),
  ]);
  await Promise.all([...identities.map(issue), createServiceAccountKey()]);
  for (const { name, usage } of identities) if (usage === 'clientAuth') writeKubeconfig(name);
}

async function issue(identity: Identity): Promise<void> {
  const key = pkiFile(`${identity.name}.key`);
  const request = await exec('openssl', [
    'req',
    '-new',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    identity.subject,
    '-keyout',
    key,
  ]);
  const extensions = pkiFile(`${identity.name}.ext`);
  const alternativeNames = identity.alternativeNames ? `subjectAltName=${identity.alternativeNames}\n` : '';
  writeFileSync(extensions, `keyUsage=digitalSignature\nextendedKeyUsage=${identity.usage}\n${alternativeNames}`);
  const serial = `0x${Buffer.from(identity.name).toString('hex').slice(0, 30)}`;
  await exec(
    'openssl',
    [
      'x509',
      '-req',
      '-days',
      '365',
      '-set_serial',
      serial,
      '-CA',
      pkiFile('ca.crt'),
      '-CAkey',
      pkiFile('ca.key'),
      '-extfile',
      extensions,
      '-out',
      pkiFile(`${identity.name}.crt`),
    ],
    { input: request },
  );
}

/** Signs the tokens of service accounts. */
async function createServiceAccountKey(): Promise<void> {
  await exec('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', pkiFile('service-account.key')]);
  await exec('openssl', ['ec', '-in', pkiFile('service-account.key'), '-pubout', '-out', pkiFile('service-account.pub')]);
}

export function kubeconfigFile(name: string): string {
  return name === 'admin' ? files.admin : configFile(`${name}.kubeconfig`);
}

/** JSON is YAML: no need for a serializer. */
function writeKubeconfig(name: string): void {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'lull-native', cluster: { server: addresses.apiServer, 'certificate-authority': pkiFile('ca.crt') } }],
    users: [{ name, user: { 'client-certificate': pkiFile(`${name}.crt`), 'client-key': pkiFile(`${name}.key`) } }],
    contexts: [{ name: 'lull-native', context: { cluster: 'lull-native', user: name } }],
    'current-context': 'lull-native',
  };
  writeFileSync(kubeconfigFile(name), JSON.stringify(config, null, 2), { mode: 0o600 });
}
