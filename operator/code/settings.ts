import type { Resources } from '../../common/api/meta.ts';

/** What fetching code needs to know of the installation. */
export interface CodeSettings {
  /** HOST:PORT of the store, as pods reach it. */
  store: string;
  fetcherImage: string;
  /** Variables of the fetching and the building container besides Lull's own: proxies, package indexes. */
  env: readonly { name: string; value: string }[];
  /** Of each container of a Job. */
  resources: Resources;
  /** Seconds after which a Job is ended that has not fetched. */
  deadlineSeconds: number;
  /** Registries (HOST:PORT) that are spoken to by http, with commas. */
  insecureRegistries: string;
}

/** Bytes of code and layers together, unpacked, as on AWS Lambda: 250 MB. */
export const MAX_UNPACKED_BYTES = 262_144_000;
