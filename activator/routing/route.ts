import { pathOf } from '../../common/path-of.ts';

/** Where a request goes: the function, and the request target as the function sees it. */
export interface Route {
  /** NAMESPACE/NAME */
  key: string;
  /** The request target for the pod; without /NAMESPACE/NAME when it was routed by path. */
  target: string;
  /** What was cut off the path, for X-Forwarded-Prefix; undefined when routed by host. */
  prefix?: string;
  /** It is an event for a handler (lambda-api/), not an HTTP request. */
  isEvent?: boolean;
}

/** Names by which functions are called; all lower case. */
export interface RouteNames {
  /** Functions answer at NAME.NAMESPACE.DOMAIN. */
  domain: string;
  /** The cluster's DNS domain, for NAME.NAMESPACE.svc.CLUSTERDOMAIN. */
  clusterDomain: string;
}

/**
 * Finds the function by host, else by path; pure but for `exists`.
 *
 * By host: NAME.NAMESPACE.DOMAIN from outside; NAME.NAMESPACE, NAME.NAMESPACE.svc and NAME.NAMESPACE.svc.CLUSTERDOMAIN from within the cluster.
 * By path, on any other host: /NAMESPACE/NAME/rest, of which the function sees /rest.
 */
export function route(host: string | undefined, target: string, names: RouteNames, exists: (key: string) => boolean): Route | undefined {
  const byHost = host === undefined ? undefined : hostKey(host, names);
  if (byHost !== undefined && exists(byHost)) return { key: byHost, target };
  return byPath(target, exists);
}

/**
 * The path of a request that is routed by path has dot segments that lead out of the function's prefix: a proxy in front that resolves them (and checks who may
 * call what by the result) would see another function than we do.
 */
export class AmbiguousPath extends Error {}

const DOT_SEGMENT = /(?:^|[/\\])(?:\.|%2e){1,2}(?=[/\\?]|$)/i;

/** NAMESPACE/NAME that a host name stands for, if it is of one of the known forms. */
export function hostKey(host: string, names: RouteNames): string | undefined {
  const name = hostName(host);
  for (const suffix of [`.${names.domain}`, `.svc.${names.clusterDomain}`, '.svc', '']) {
    if (!name.endsWith(suffix)) continue;
    const rest = name.slice(0, name.length - suffix.length);
    const dot = rest.indexOf('.');
    if (dot > 0 && dot < rest.length - 1 && rest.indexOf('.', dot + 1) === -1) return `${rest.slice(dot + 1)}/${rest.slice(0, dot)}`;
  }
  return undefined;
}

/** Whether it is one of the names that callers within the cluster use, which a Service stands for. */
export function isClusterHost(host: string, names: RouteNames): boolean {
  return hostKey(host, names) !== undefined && !hostName(host).endsWith(`.${names.domain}`);
}

/** In lower case, without port and without the dot of a name that is complete. */
function hostName(host: string): string {
  const end = host.startsWith('[') ? host.length : host.indexOf(':');
  const name = (end === -1 ? host : host.slice(0, end)).toLowerCase();
  return name.endsWith('.') ? name.slice(0, -1) : name;
}

function byPath(target: string, exists: (key: string) => boolean): Route | undefined {
  const match = /^\/([^/?]+)\/([^/?]+)(?=[/?]|$)/.exec(target);
  if (!match) return undefined;
  const key = `${match[1]}/${match[2]}`;
  if (!exists(key)) return undefined;
  if (DOT_SEGMENT.test(pathOf(target))) throw new AmbiguousPath('a path with dot segments (. or ..), routed by path');
  const prefix = match[0];
  const rest = target.slice(prefix.length);
  return { key, target: rest.startsWith('/') ? rest : `/${rest}`, prefix };
}
