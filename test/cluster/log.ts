const started = performance.now();

/** Progress goes to stderr: stdout belongs to whoever evaluates `env`. */
export function step(message: string): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6);
  process.stderr.write(`${seconds}s  ${message}\n`);
}
