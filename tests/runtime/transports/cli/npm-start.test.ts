import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import packageJson from '../../../../package.json' with { type: 'json' };
import { readRunning } from '../../../../runtime/nats/server/data-dir.ts';
import { eventually } from '../../../support/eventually.ts';
import { natsServerPath } from '../../../support/nats-binary.ts';
import { isAlive, MAIN, makePlace, natsPid } from './kvflow-process.ts';

test('npm start - SIGTERM to npm alone stops kvflow, and npm waits for its end', async () => {
  await using place = await makePlace();
  await using _left = { [Symbol.asyncDispose]: () => endLeftOver(place.dataDir) };
  // The script as it is, on the sources: what was built may be missing, or old.
  const start = packageJson.scripts.start.replace(/\S+\/kvflow\.js/, MAIN);
  expect(start).toContain(MAIN);
  await writeFile(join(place.path, 'package.json'), JSON.stringify({ scripts: { start } }));
  const npm = spawn('npm', ['start', '--', '--port', '0'], {
    cwd: place.path,
    env: {
      PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
      HOME: place.path,
      NATS_SERVER_BIN: await natsServerPath(),
    },
  });
  const ended = once(npm, 'exit');
  let printed = '';
  for (const stream of [npm.stdout, npm.stderr]) stream.on('data', text => (printed += text));
  await eventually(() => expect(printed).toContain('is ready'), { within: 20_000 });
  const nats = await natsPid(place.dataDir);
  expect(await isAlive(nats)).toBe(true);
  npm.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(printed).toContain('stopping after what is in flight is done');
  expect(await isAlive(nats)).toBe(false);
  expect(await natsPid(place.dataDir)).toBe(0);
});

/** A kvflow that npm left behind would keep this process from ending: it holds on to its output. */
async function endLeftOver(dataDir: string): Promise<void> {
  const running = await readRunning(dataDir);
  if (running) process.kill(running.pid, 'SIGKILL');
}
