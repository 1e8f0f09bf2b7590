import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import { startServed } from '../../../support/served.ts';
import { MAIN } from './kvflow-process.ts';

const hasFull = existsSync('/dev/full');
const full = hasFull ? test : test.skip;

full(`output - a full disk is one line and exit code 1${hasFull ? '' : ' (no /dev/full here)'}`, async () => {
  await using kvflow = await startServed();
  await kvflow.call('kv-bucket-create', { bucket: 'b' });
  await kvflow.call('kv-key-put', { bucket: 'b', key: 'k', value: 'x' });
  await using disk = await open('/dev/full', 'w');
  for (const argv of [
    ['get', 'b/k'],
    ['ls', 'b'],
    ['invoke', 'kv-bucket-list'],
  ]) {
    const child = spawn(process.execPath, [MAIN, ...argv, '--url', kvflow.url], {
      stdio: ['ignore', disk.fd, 'pipe'],
    });
    const [told, [code]] = await Promise.all([text(child.stderr as Readable), once(child, 'close')]);
    expect([argv, code]).toEqual([argv, 1]);
    expect(told).toMatch(/^kvflow: the output cannot be written: ENOSPC[^\n]*\n$/);
  }
});

test('output - a reader that goes away ends the command quietly', async () => {
  await using kvflow = await startServed();
  await kvflow.call('kv-bucket-create', { bucket: 'b' });
  await kvflow.call('kv-key-put', { bucket: 'b', key: 'k', value: 'x'.repeat(900_000) });
  const child = spawn(process.execPath, [MAIN, 'get', 'b/k', '--url', kvflow.url], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.once('data', () => child.stdout.destroy());
  const [told, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  expect({ told, code }).toEqual({ told: '', code: 0 });
});

test('watch - ends at once and quietly with Ctrl-C, and needs no change to come for it', async () => {
  await using kvflow = await startServed();
  await kvflow.call('kv-bucket-create', { bucket: 'b' });
  await kvflow.call('kv-key-put', { bucket: 'b', key: 'k', value: 'x' });
  const child = spawn(process.execPath, [MAIN, 'watch', 'b', '--start', 'current', '--url', kvflow.url], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.once('data', () => child.kill('SIGINT'));
  const [told, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  expect({ told, code }).toEqual({ told: '', code: 0 });
});
