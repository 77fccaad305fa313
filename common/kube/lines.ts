/**
 * Calls `onLine` for each complete, non-empty line of a stream of UTF-8. What follows the last newline is dropped: in a watch it is an event cut off,
 * which the server sends again after a reconnect because its resourceVersion was never taken note of.
 */
export async function readLines(stream: AsyncIterable<Uint8Array>, onLine: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const text = decoder.decode(chunk, { stream: true });
    // Only the new text is searched: an object of 1 MiB comes in many chunks.
    let from = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      const line = rest + text.slice(from, end);
      rest = '';
      from = end + 1;
      if (line.trim() !== '') onLine(line);
    }
    rest += text.slice(from);
  }
}
