/**
 * All connections are read through this one buffer: libuv reads and calls back before it reads anything else, so nobody's bytes meet. A buffer a read, as
 * streams have it, costs an allocation of 64 KiB each time.
 */
export const READ_BUFFER = Buffer.allocUnsafeSlow(65_536);
