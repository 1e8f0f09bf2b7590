import { join } from 'node:path';
import { defineConfig } from 'vite';
import { noNode } from './build/no-node.ts';
import { preloadChunk } from './build/preload-chunk.ts';
import { prepareFiles } from './build/prepare-files.ts';
import { noteSources } from './build/sources.ts';

/** A kvflow to develop against: `KVFLOW_URL=http://127.0.0.1:4280 npx vite dashboard`. */
const KVFLOW = process.env.KVFLOW_URL ?? 'http://127.0.0.1:4280';
const API = [
  '/functions',
  '/invocations',
  '/buckets',
  '/watches',
  '/access',
  '/flows',
  '/readyz',
  '/docs',
  '/openapi.json',
  '/favicon.svg',
];

/** The chunk of what pages share. */
const SHARED = 'shared';

/** What is large and seen by few: it is loaded when it is shown. */
const EDITORS_AND_CHARTS = /[\\/](@codemirror|@lezer|charts|recharts|code-editor|script-editor)[\\/]/;

/**
 * Each file costs the browser and the server a request, so there are few: what every page has before it knows which one it is,
 * what three or more pages share, and then the pages' own.
 */
const CHUNKS = [
  { name: 'shell', tags: ['$initial' as const], priority: 2 },
  { name: SHARED, minShareCount: 3, test: (id: string) => !EDITORS_AND_CHARTS.test(id), priority: 1 },
];

export default defineConfig({
  root: import.meta.dirname,
  base: '/ui/',
  // Vite's own compiler turns JSX into calls; there is no plugin.
  oxc: { jsx: { runtime: 'automatic' } },
  build: {
    outDir: join(import.meta.dirname, '../dist/dashboard'),
    emptyOutDir: true,
    target: 'es2023',
    // What a page needs is loaded when the page is; a preload list in every import would only be more script.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1_000,
    reportCompressedSize: false,
    // A picture as a data: address would need a wider policy.
    assetsInlineLimit: 0,
    rolldownOptions: {
      // Nearly every file of the libraries says that it is for browsers, which is the only place it goes to.
      onLog: (level, log, handle) => log.code !== 'MODULE_LEVEL_DIRECTIVE' && handle(level, log),
      output: { codeSplitting: { groups: CHUNKS } },
      // The list of all icons names six thousand files: those that nobody asks for need not be read.
      experimental: { lazyBarrel: true },
    },
  },
  plugins: [noNode(), preloadChunk(SHARED), prepareFiles(), noteSources()],
  server: { port: 4281, strictPort: true, proxy: Object.fromEntries(API.map(path => [path, KVFLOW])) },
});
