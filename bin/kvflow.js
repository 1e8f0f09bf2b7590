#!/usr/bin/env node
// The program `kvflow`, in JavaScript that old versions of Node can read: it says in one line where Node is too old,
// builds a fresh checkout whose install ran no scripts, and starts a server with less memory for young objects.
// Everything else is in runtime/transports/cli.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const entry = join(root, 'dist/runtime/transports/cli/main.js');

const fault = whyNodeIsTooOld() ?? whyNothingIsBuilt();
if (fault) {
  process.stderr.write(`kvflow: ${fault}\n`);
  process.exitCode = 1;
} else {
  if (process.argv[2] === 'start') keepYoungObjectsSmall();
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

/**
 * A server takes at most 8 MiB for each half of V8's space for young objects, where V8 would take 32: a fifth less memory at
 * its peak (bench identify-http), for a twentieth more of the processor. V8 reads the size before any JavaScript runs, so that Node takes its own place with it: the
 * same process id, files and environment. Not where somebody chose a size, where another process talks to this one over a
 * channel of Node's, or on Windows, which cannot.
 */
function keepYoungObjectsSmall() {
  const given = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ');
  if (!process.execve || process.platform === 'win32' || process.channel || /semi[-_]space/.test(given))
    return;
  const args = [process.execPath, '--max-semi-space-size=8', ...process.execArgv, ...process.argv.slice(1)];
  try {
    // A Node that was replaced since it started: some versions end where it cannot be run.
    accessSync(process.execPath, constants.X_OK);
    process.execve(process.execPath, args, process.env);
  } catch {
    // It runs as it is.
  }
}
