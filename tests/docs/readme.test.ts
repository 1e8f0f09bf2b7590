import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { makePlace } from '../runtime/transports/cli/kvflow-process.ts';

const run = promisify(execFile);
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;

test('README - the curl lines, one after the other, print what the README says they print', async () => {
  await using place = await makePlace();
  const { url } = await place.start();
  const readme = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8');
  const blocks = [...readme.matchAll(/```(sh|json)\n([\s\S]*?)```/g)].map(([, kind, text = '']) => ({
    kind,
    text,
  }));
  let printed: string[] = [];
  let compared = 0;
  for (const { kind, text } of blocks) {
    const lines = text.trim().split('\n');
    if (kind === 'json') {
      expect(printed.slice(-lines.length).map(anyTime)).toEqual(lines.map(anyTime));
      compared += lines.length;
    } else {
      printed = [];
      for (const line of lines.filter(line => line.startsWith('curl'))) {
        const { stdout } = await run('sh', [
          '-c',
          line.replace('curl', 'curl -s').replace('http://127.0.0.1:4280', url),
        ]);
        expect(stdout.endsWith('\n')).toBe(true);
        printed.push(stdout.trimEnd());
      }
    }
  }
  expect(compared).toBe(4);
});

test('README - its command line reads what its curl lines stored', async () => {
  await using place = await makePlace();
  await place.start();
  await place.run(['invoke', 'kv-bucket-create', '{"bucket":"user-preferences"}']);
  await place.run(['invoke', 'kv-key-put', '{"bucket":"user-preferences","key":"user.123","value":"x"}']);
  const readme = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8');
  const input = /npx kvflow invoke kv-key-get '(.*)'/.exec(readme)?.[1] ?? '';
  expect(await place.run(['invoke', 'kv-key-get', input])).toMatchObject({ code: 0 });
});

function anyTime(text: string): string {
  return text.replace(TIME, 'TIME');
}
