/** bin/kvflow.js: what somebody sees whose Node is too old, or whose install ran no scripts. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  const run = () =>
    promisify(execFile)(process.execPath, ['bin/kvflow.js', 'start'], { cwd: folder }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
  return { run, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
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
