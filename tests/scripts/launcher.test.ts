/** bin/kvflow.js: what somebody sees whose Node is too old, or whose install ran no scripts; how a server is started. */
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');

/** A package with the launcher, a least version of Node and, by its own build, a program that prints its arguments. */
async function makePackage(engine: string, build?: string) {
  const folder = await mkdtemp(join(tmpdir(), 'kvflow-launcher-'));
  await mkdir(join(folder, 'bin'));
  await copyFile(join(ROOT, 'bin/kvflow.js'), join(folder, 'bin/kvflow.js'));
  const manifest = { type: 'module', engines: { node: engine }, scripts: { build } };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  if (build) await writeFile(join(folder, 'tsconfig.build.json'), '{}');
  const run = (args = ['bin/kvflow.js', 'start'], env = {}) =>
    promisify(execFile)(process.execPath, args, { cwd: folder, env: { ...process.env, ...env } }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
  return { folder, run, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

const BUILD =
  'mkdir -p dist/runtime/transports/cli && echo \'console.log("ran", process.argv[2])\' > dist/runtime/transports/cli/main.js';

test('launcher - a Node that is too old gets one line and no stack', async () => {
  await using made = await makePackage('>=999', BUILD);
  const { code, stdout, stderr } = await made.run();
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^kvflow: needs Node\.js 999 or newer, and this is [\d.]+\..*\n$/);
});

test('launcher - a checkout that was not built is built once, and its output kept apart', async () => {
  await using made = await makePackage('>=24', BUILD);
  expect(await made.run()).toMatchObject({ code: 0, stdout: 'ran start\n' });
  expect(await made.run()).toEqual({ code: 0, stdout: 'ran start\n', stderr: '' });
});

test('launcher - a build that fails and a package that is cut are told', async () => {
  await using broken = await makePackage('>=24', 'exit 3');
  expect(await broken.run()).toMatchObject({ code: 1, stderr: expect.stringContaining('the build failed') });
  await using cut = await makePackage('>=24');
  expect(await cut.run()).toMatchObject({ code: 1, stderr: expect.stringContaining('Install the package') });
});

test('launcher - a server has little space for young objects, unless somebody chose a size, and nothing else does', async () => {
  const says = 'console.log(process.pid, process.ppid, ...process.execArgv, ...process.argv.slice(2))';
  await using made = await makePackage('>=24');
  const main = join(made.folder, 'dist/runtime/transports/cli/main.js');
  await mkdir(dirname(main), { recursive: true });
  await writeFile(main, `${says}; process.send?.(process.execArgv)`);
  const of = async (args: string[], env?: object) => {
    const { code, stdout, stderr } = await made.run(args, env);
    // Nobody stands between who starts it and the server: signals and the process id are its own.
    return { code, stderr, said: stdout.replace(/^\d+ /, '').replace(`${process.pid} `, 'child ').trimEnd() };
  };
  const start = ['bin/kvflow.js', 'start', '--port', '0'];
  const small = process.platform === 'win32' ? '' : '--max-semi-space-size=8 ';
  expect(await of(start)).toEqual({ code: 0, stderr: '', said: `child ${small}start --port 0` });
  expect(await of(['--no-warnings', ...start])).toMatchObject({
    said: `child ${small}--no-warnings start --port 0`,
  });
  expect(await of(['bin/kvflow.js', 'check'])).toMatchObject({ said: 'child check' });
  const chosen = '--max-semi-space-size=32';
  expect(await of([chosen, ...start])).toMatchObject({ said: `child ${chosen} start --port 0` });
  expect(await of(start, { NODE_OPTIONS: chosen })).toMatchObject({ said: 'child start --port 0' });
  // A channel of Node to another process would be lost.
  const forked = fork('bin/kvflow.js', ['start'], { cwd: made.folder, execArgv: [], silent: true });
  expect(await once(forked, 'message')).toEqual([[], undefined]);
});
