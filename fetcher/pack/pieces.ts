/**
 * Cuts what comes into pieces of one size, the last one excepted: what a compressor makes may depend on how it is fed, and a disk may give less at once than asked.
 * @param size bytes
 */
export function inPieces(size: number): (chunks: AsyncIterable<Buffer>) => AsyncGenerator<Buffer> {
  return async function* (chunks) {
    let held: Buffer[] = [];
    let length = 0;
    for await (let chunk of chunks) {
      while (length + chunk.length >= size) {
        const wanted = size - length;
        yield Buffer.concat([...held, chunk.subarray(0, wanted)]);
        chunk = chunk.subarray(wanted);
        held = [];
        length = 0;
      }
      if (chunk.length > 0) held.push(chunk);
      length += chunk.length;
    }
    if (length > 0) yield Buffer.concat(held);
  };
}
