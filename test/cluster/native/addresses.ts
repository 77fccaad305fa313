/**
 * The cluster's own little internet, in the ranges RFC 2544 sets aside for tests of networks: they meet neither a LAN
 * nor the private ranges that clouds, Docker and VPNs use.
 */
export const addresses = {
  netns: 'lull',
  hostLink: 'lull-host',
  nodeLink: 'lull-node',
  host: '198.18.0.1',
  node: '198.18.0.2',
  linkPrefix: 30,
  pods: '198.18.4.0/22',
  podGateway: '198.18.4.1',
  services: '198.19.0.0/16',
  apiService: '198.19.0.1',
  dns: '198.19.0.10',
  nodeName: 'lull',
  /** On the host, where pods reach package registries (registries/). */
  registriesPort: 3141,
  apiServer: 'https://198.18.0.2:6443',
} as const;
