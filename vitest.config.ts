import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'adapters/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/bench/**', 'test/lint/seeded/**', '**/fixtures/**'],
    environment: 'node',
    // Some tests start real processes, signal them and change the environment: each file gets its own.
    pool: 'forks',
    isolate: true,
    testTimeout: 10_000,
    hookTimeout: 30_000,
    expect: { requireAssertions: true },
    restoreMocks: true,
    unstubEnvs: true,
  },
});
