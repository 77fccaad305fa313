import { adminServer } from './admin.ts';
import { Announcer } from './announcer.ts';
import type { Config } from './config.ts';
import { hello } from './hello.ts';
import type { Log } from './log.ts';
import { Metrics } from './metrics.ts';

/** How long the announcement stands after `draining` was said, so that every activator has read it. */
const LINGER_MILLIS = 1000;

/** Mode announce: the pod's other container is somebody else's server; this one says where it is, and when it goes. */
export function runAnnounce(config: Config, log: Log): { drain: () => void } {
  const metrics = new Metrics();
  let draining = false;
  const announcer = new Announcer({
    activator: config.activator,
    token: config.token,
    log,
    hello: () => hello(config),
    onMessage: () => undefined,
  });
  announcer.start();
  adminServer(
    () => !draining,
    () => metrics.render(),
  ).listen(config.adminPort);
  return {
    drain: () => {
      if (draining) return;
      draining = true;
      announcer.drain();
      setTimeout(() => {
        announcer.stop();
        process.exit(0);
      }, LINGER_MILLIS);
    },
  };
}
