import { defineConfig } from 'vitest/config';

const NEVER = ['**/node_modules/**', 'test/bench/**', 'test/lint/seeded/**', '**/fixtures/**'];
/** Tests of parts: they start no process and leave the environment alone, so that one process loads the code once. */
const PARTS = ['core', 'engine', 'config', 'contract', 'http'].map(
  (room) => `src/${room}/**/*.test.ts`,
);
const ALL = ['src/**/*.test.ts', 'adapters/**/*.test.ts', 'test/**/*.test.ts'];

export default defineConfig({
  test: {
    environment: 'node',
    setupFiles: ['./test/loopback/setup.ts'],
    pool: 'forks',
    // Without it one core in two stands idle: a stepped clock waits for nothing.
    maxWorkers: '100%',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    expect: { requireAssertions: true },
    restoreMocks: true,
    unstubEnvs: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'parts',
          include: [...PARTS, 'adapters/**/*.test.ts'],
          exclude: NEVER,
          isolate: false,
        },
      },
      {
        extends: true,
        // Some of these start real processes, signal them and change the environment: each file gets its own.
        test: {
          name: 'whole',
          include: ALL,
          exclude: [...NEVER, ...PARTS, 'adapters/**/*.test.ts'],
          isolate: true,
        },
      },
    ],
  },
});
