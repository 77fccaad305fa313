import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exec } from '../exec.ts';
import { addresses } from './addresses.ts';
import { files } from './files.ts';
import { updateState } from './state.ts';

/** A network namespace joined to the host by one pair of links: kube-proxy's rules and every pod's address stay inside. */
export async function createNetwork(): Promise<void> {
  const { netns, hostLink, nodeLink, host, node, linkPrefix, pods, services } = addresses;
  // Whatever we recorded is gone by now: this one is another cache folder's, and recording it would let us remove it.
  if (existsSync(`/var/run/netns/${netns}`)) throw new Error(`a network namespace ${netns} exists already, made with another LULL_CACHE?`);
  updateState({ netns, hostLink });
  await exec('ip', ['netns', 'add', netns]);
  await exec('ip', ['-batch', '-'], {
    input: [
      `link add ${hostLink} type veth peer name ${nodeLink} netns ${netns}`,
      `addr add ${host}/${linkPrefix} dev ${hostLink}`,
      `link set ${hostLink} up`,
      '',
    ].join('\n'),
  });
  await exec('ip', ['-n', netns, '-batch', '-'], {
    input: [
      'link set lo up',
      `addr add ${node}/${linkPrefix} dev ${nodeLink}`,
      `link set ${nodeLink} up`,
      `route add default via ${host}`,
      '',
    ].join('\n'),
  });
  await exec('ip', ['-batch', '-'], {
    input: [`route replace ${pods} via ${node}`, `route replace ${services} via ${node}`, ''].join('\n'),
  });
  await exec('nsenter', [`--net=/var/run/netns/${netns}`, 'sh', '-c', sysctls]);
  writeCniConfig();
}

// bridge-nf: an answer from one pod to another must pass the rules that translated the Service's address on the way there.
const sysctls = `
echo 1 > /proc/sys/net/ipv4/ip_forward
for f in /proc/sys/net/bridge/bridge-nf-call-iptables; do if [ -e $f ]; then echo 1 > $f; fi; done`;

function writeCniConfig(): void {
  mkdirSync(join(files.cni, 'net.d'), { recursive: true });
  const config = {
    cniVersion: '0.4.0',
    name: 'lull',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: addresses.pods, gateway: addresses.podGateway }]],
          routes: [{ dst: '0.0.0.0/0' }],
          dataDir: join(files.cni, 'leases'),
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
  writeFileSync(join(files.cni, 'net.d', '10-lull.conflist'), JSON.stringify(config, null, 2));
}
