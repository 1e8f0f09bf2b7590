#!/usr/bin/env node
// The program `kvflow`, in JavaScript that old versions of Node can read: it says in one line where Node is too old,
// and builds a fresh checkout whose install ran no scripts. Everything else is in runtime/transports/cli.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const entry = join(root, 'dist/runtime/transports/cli/main.js');

const fault = whyNodeIsTooOld() ?? whyNothingIsBuilt();
if (fault) {
  process.stderr.write(`kvflow: ${fault}\n`);
  process.exitCode = 1;
} else {
  // Only now: an old Node would not understand what is imported.
  await import(pathToFileURL(entry).href);
}

/** The lowest version stands in package.json once. */
function whyNodeIsTooOld() {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const least = Number(/\d+/.exec(engines.node)?.[0]);
  if (Number(process.versions.node.split('.')[0]) >= least) return undefined;
  return `needs Node.js ${least} or newer, and this is ${process.versions.node}. Get it at https://nodejs.org`;
}

/** A package from the registry holds what is built; a checkout is built by its install or here. */
function whyNothingIsBuilt() {
  if (existsSync(entry)) return undefined;
  if (!existsSync(join(root, 'tsconfig.build.json')))
    return `${entry} is missing. Install the package again.`;
  process.stderr.write('kvflow: building once, since the install ran no scripts ...\n');
  // All output goes to stderr: what a command prints belongs to whoever reads its stdout.
  const build = spawnSync('npm run --silent build', { cwd: root, shell: true, stdio: ['ignore', 2, 2] });
  return build.status === 0 && existsSync(entry) ? undefined : 'the build failed; see above.';
}
