import { files } from './files.ts';
import { nodeAnswers } from './probe.ts';
import { type Part, startPart, untilReady } from './processes.ts';

const client = 'http://127.0.0.1:2379';
const peer = 'http://127.0.0.1:2380';

/** Listens only inside the namespace, and does not wait for the disk: a test's data need not survive a power cut. */
const etcd: Part = {
  name: 'etcd',
  command: [
    'etcd',
    '--name',
    'lull',
    '--data-dir',
    files.etcd,
    '--unsafe-no-fsync',
    '--logger',
    'zap',
    '--log-level',
    'warn',
    '--listen-client-urls',
    client,
    '--advertise-client-urls',
    client,
    '--listen-peer-urls',
    peer,
    '--initial-advertise-peer-urls',
    peer,
    '--initial-cluster',
    `lull=${peer}`,
    '--auto-compaction-retention',
    '1h',
  ],
};

export async function startEtcd(): Promise<void> {
  startPart(etcd);
  await untilReady('etcd', 30_000, () => nodeAnswers(`${client}/health`));
}
