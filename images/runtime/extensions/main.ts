/** The bridge's second bundle, dist/bridge-extensions.cjs: only a pod that has an extension loads it (environment.ts). */
export { ExtensionHost } from './host.ts';
