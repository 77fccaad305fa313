import type { CodeSettings } from '../code/settings.ts';

/** What `desired` needs to know of the installation. */
export interface Settings {
  /** Namespace in which the activators run: the only ones who may reach a function's pods. */
  namespace: string;
  /** Namespaces from which metrics are scraped, besides Lull's own. */
  scraperNamespaces: readonly string[];
  /** Functions answer at NAME.NAMESPACE.DOMAIN. */
  domain: string;
  /** HOST:PORT at which pods announce themselves. */
  activatorControl: string;
  /** DNS name of the activators' request Service; a function's Service is an alias of it. */
  activatorHost: string;
  /** HOST:PORT at which pods reach the activators' request Service. */
  activatorHttp: string;
  /** Networks whose X-Forwarded-* are believed, as a list with commas: pods that callers reach directly go by the same ones as the activators. */
  trustedProxies: string;
  /** The bridge's image, which in another mode announces pods of somebody else's server. */
  bridgeImage: string;
  imagePullPolicy: string;
  /** The key from which announcements' tokens are derived. */
  announceKey: string;
  code: CodeSettings;
}
