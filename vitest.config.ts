import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  ssr: { resolve: { conditions: ['attune-src', ...defaultServerConditions] } },
  test: {
    reporters: ['default', './tools/count-reporter.ts'],
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['{libs,services}/*/src/**/*.test.ts', 'tools/**/*.test.ts'], exclude: ['**/*.it.test.ts', '**/node_modules/**'] },
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
