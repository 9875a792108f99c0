import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  ssr: { resolve: { conditions: ['attune-src', ...defaultServerConditions] } },
  test: {
    expect: { poll: { timeout: 30_000 } },
    reporters: ['default', './tools/count-reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{libs,services}/*/src/**/*.test.ts', 'bench/src/**/*.test.ts', 'tools/**/*.test.ts'],
          exclude: ['**/*.it.test.ts', '**/node_modules/**'],
          // They end what hangs and measure nothing: a machine of which others have most is ten times slower.
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['integration-tests/src/**/*.test.ts', '{libs,services}/*/src/**/*.it.test.ts'],
          globalSetup: ['./libs/testing/src/provision/global-setup.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 150_000,
        },
      },
    ],
  },
});
