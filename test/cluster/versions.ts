/** What is built from source, and the name under which each build is cached. */
export const versions = {
  kubernetes: '1.34.4',
  helm: '3.22.0',
  coredns: '1.12.4',
} as const;
