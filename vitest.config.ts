import { defineConfig } from 'vitest/config';

/** Unit tests, beside the code, and integration tests; the end-to-end ones need a cluster and have a configuration of their own. */
export default defineConfig({
  test: { include: ['**/*.test.ts'], exclude: ['node_modules/**', 'dist/**', 'test/e2e/**'], testTimeout: 15_000 },
});
