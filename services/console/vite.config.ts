import { fileURLToPath } from 'node:url';

/** How the page is built: `vite build -c services/console/vite.config.ts`, into dist-page/. */
export default {
  root: fileURLToPath(new URL('./page', import.meta.url)),
  oxc: { jsx: { runtime: 'automatic' as const, importSource: 'preact' } },
  build: {
    outDir: '../dist-page',
    emptyOutDir: true,
    target: 'es2022',
    // No script stands in the page itself, not even for older browsers: the policy forbids it.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  clearScreen: false,
};
