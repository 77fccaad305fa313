/** Said to activators, which use a connection again for up to 30 s where it is (activator/http1/pod-connections.ts), and for 1.5 s where nothing is said. */
export const KEEP_ALIVE = 'timeout=75';
