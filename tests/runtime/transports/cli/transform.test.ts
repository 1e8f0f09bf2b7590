import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { makePlace } from './kvflow-process.ts';

const lines = (events: object[]) => events.map(event => `${JSON.stringify(event)}\n`).join('');

test('transform - streams events through a script, in order, with its state in the bucket', async () => {
  await using place = await makePlace();
  const server = await place.start();
  const script = `
    const seen = (await $kv.get($.user) ?? 0) + 1
    await $kv.set($.user, seen)
    if ($.n === 3) console.log('three')
    return { n: $.n, seen, dest: destinationId }`;
  await writeFile(join(place.path, 'script.js'), script);
  const events = Array.from({ length: 1_200 }, (_, n) => ({ n, user: `u${n % 2}` }));
  const done = await place.run(['transform', 'script.js', '--variables', '{"destinationId":"w"}'], {
    stdin: lines(events),
  });
  expect(done.code).toBe(0);
  expect(done.stderr).toContain('line 4 log: three');
  expect(done.stderr).toContain('1200 events read, 1200 written, 0 failed.');
  const out = done.stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  expect(out).toEqual(events.map(({ n }) => ({ n, seen: Math.floor(n / 2) + 1, dest: 'w' })));
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  // The script ran in the command's own process; the server has run none yet.
  expect(metrics).not.toContain('kvflow_script_workers_started_total');
});

test('transform - events that fail are told by their line, and decide the exit code', async () => {
  await using place = await makePlace();
  await place.start();
  await writeFile(join(place.path, 'script.js'), 'if ($.bad) throw new Error("no")\nreturn $');
  const stdin = lines([{ n: 1 }, { n: 2, bad: true }, { n: 3 }]);
  const skipped = await place.run(['transform', 'script.js', '--on-error', 'skip'], { stdin });
  expect(skipped).toMatchObject({ code: 1, stdout: lines([{ n: 1 }, { n: 3 }]) });
  expect(skipped.stderr).toContain('line 2 SCRIPT_ERROR: Error: no');
  const failed = await place.run(['transform', 'script.js'], { stdin });
  expect(failed).toMatchObject({ code: 1, stdout: '' });
  expect(await place.run(['transform', 'nowhere.js'], { stdin })).toMatchObject({ code: 2 });
  expect(await place.run(['transform', 'script.js'], { stdin: 'no json' })).toMatchObject({ code: 2 });
});

test('transform - /metrics counts the workers that run scripts', async () => {
  await using place = await makePlace();
  const { url } = await place.start();
  const body = JSON.stringify({ event: {}, script: 'return $' });
  const headers = { 'content-type': 'application/json' };
  await fetch(`${url}/functions/transform/invocations`, { method: 'POST', headers, body });
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toMatch(/^kvflow_script_workers_started_total [1-9]/m);
  expect(metrics).toMatch(/^kvflow_script_workers_killed_total\{reason="time"\} 0/m);
  expect(metrics).toMatch(/^kvflow_script_events_total 1/m);
});
