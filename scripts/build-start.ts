/**
 * Bundles what starts as `kvflow` into dist/start, and has the programs that tsc has written begin with it: a module takes Node a
 * third of a millisecond of the processor to find, read and link, and a server has a thousand of them. To be run behind tsc.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleStart } from './build-start/bundle-start.ts';

const DIST = join(import.meta.dirname, '../dist');

const manifest = join(DIST, 'manifest.json');
// As tsc writes it, half of it is spaces.
await writeFile(manifest, JSON.stringify(JSON.parse(await readFile(manifest, 'utf8'))));
await rm(join(DIST, 'start'), { recursive: true, force: true });
await bundleStart(join(DIST, 'start'), 'dist');
await writeFile(
  join(DIST, 'runtime/transports/cli/main.js'),
  "#!/usr/bin/env node\nimport '../../../start/main.mjs';\n",
);
// Of who starts kvflow as a library, and not by the program above.
await writeFile(
  join(DIST, 'runtime/main/workers/worker-main.js'),
  "import '../../../start/worker-main.mjs';\n",
);
