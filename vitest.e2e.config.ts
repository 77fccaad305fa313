import { defineConfig } from 'vitest/config';

/** End-to-end tests: against the cluster that KUBECONFIG and LULL_URL name, one file after another, for they share its two cores. */
export default defineConfig({
  test: { include: ['test/e2e/**/*.test.ts'], fileParallelism: false, testTimeout: 60_000, hookTimeout: 120_000 },
});
