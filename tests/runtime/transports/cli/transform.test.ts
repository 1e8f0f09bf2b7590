import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startNats } from '../../../support/nats.ts';
import { connectOfficial } from '../../../support/official.ts';
import type { KvflowServer, Place } from './kvflow-process.ts';
import { MAIN, makePlace } from './kvflow-process.ts';

/** Where a kvflow runs for the tests that want nothing of their own of it. */
let place: Place;
let server: KvflowServer;

beforeAll(async () => {
  place = await makePlace();
  server = await place.start();
});
afterAll(async () => await place[Symbol.asyncDispose]());

const lines = (events: object[]) => events.map(event => `${JSON.stringify(event)}\n`).join('');

test('transform - streams events through a script, in order, with its state in the bucket', async () => {
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

test('transform - a long run through pipes tells how far it came, and no warning of Node', async () => {
  await writeFile(join(place.path, 'script.js'), 'return $');
  // So much that both pipes are full again and again.
  const events = Array.from({ length: 20_000 }, (_, n) => ({ n, pad: 'p'.repeat(50) }));
  const done = await place.run(['transform', 'script.js'], { stdin: lines(events) });
  expect(done.code).toBe(0);
  expect(done.stdout).toBe(lines(events));
  expect(done.stderr).not.toMatch(/warning/i);
});

test('transform - far into a file, what is to be told of a line is told by its number, and the order stays', async () => {
  await writeFile(join(place.path, 'script.js'), 'if ($.n === 2500) throw new Error("no")\nreturn $');
  const events = Array.from({ length: 3_000 }, (_, n) => ({ n, pad: 'é'.repeat(n % 50) }));
  const texts = events.map(event => JSON.stringify(event));
  texts[1_400] = '';
  texts[1_900] = '[1]';
  texts[2_000] = '\ufffe';
  const stdin = Buffer.from(texts.join('\n'));
  // Bytes that go on with a character, without its first.
  stdin.copyWithin(stdin.indexOf('\ufffe'), stdin.indexOf('\ufffe') + 1, stdin.indexOf('\ufffe') + 3);
  const kept = (end: number) =>
    lines(events.filter(({ n }) => n < end && ![1_400, 1_900, 2_000, 2_500].includes(n)));
  const skipped = await place.run(['transform', 'script.js', '--on-error', 'skip'], { stdin });
  expect(skipped).toMatchObject({ code: 1, stdout: kept(3_000) });
  expect(skipped.stderr).toMatch(/^line 1901 INVALID_INPUT/m);
  expect(skipped.stderr).toMatch(/^line 2001 INVALID_INPUT: The line is not valid UTF-8/m);
  expect(skipped.stderr).toMatch(/^line 2501 SCRIPT_ERROR: Error: no/m);
  expect(skipped.stderr).toContain('2999 events read, 2996 written, 3 failed.');
  const failed = await place.run(['transform', 'script.js'], { stdin });
  expect(failed).toMatchObject({ code: 2, stdout: kept(1_900) });
  expect(failed.stderr).toContain('tail -n +1901');
});

test('transform - a script that leaves nothing behind runs without NATS, from the first line on; what else is to be done asks for it', async () => {
  await using place = await makePlace();
  await writeFile(join(place.path, 'script.js'), 'return { ...$, seen: true }');
  const env = { NATS_URL: 'nats://127.0.0.1:1' };
  const done = await place.run(['transform', 'script.js'], { env, stdin: '\ufeff{"n":1}\n{"n":2}' });
  expect(done).toMatchObject({ code: 0, stdout: lines([1, 2].map(n => ({ n, seen: true }))) });
  expect(done.stderr).toBe('2 events read, 2 written, 0 failed.\n');
  // Without any, one would be started: it has a folder.
  expect(await place.run(['transform', 'script.js'], { stdin: '{"n":1}\n' })).toMatchObject({ code: 0 });
  expect(existsSync(place.dataDir)).toBe(false);
  const given = ['--timeout', 'soon'];
  const refused = await place.run(['transform', 'script.js', ...given], { env, stdin: '{"n":1}\n' });
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toContain('timeout_ms');
});

test('transform - events that fail are told by their line, and decide the exit code', async () => {
  await writeFile(join(place.path, 'script.js'), 'if ($.bad) throw new Error("no")\nreturn $');
  const stdin = lines([{ n: 1 }, { n: 2, bad: true }, { n: 3 }]);
  const skipped = await place.run(['transform', 'script.js', '--on-error', 'skip'], { stdin });
  expect(skipped).toMatchObject({ code: 1, stdout: lines([{ n: 1 }, { n: 3 }]) });
  expect(skipped.stderr).toContain('line 2 SCRIPT_ERROR: Error: no');
  const failed = await place.run(['transform', 'script.js'], { stdin });
  expect(failed).toMatchObject({ code: 1, stdout: lines([{ n: 1 }]) });
  expect(failed.stderr).toContain('line 2: Error: no');
  expect(failed.stderr).toContain('tail -n +2');
  expect(await place.run(['transform', 'nowhere.js'], { stdin })).toMatchObject({ code: 2 });
  expect(await place.run(['transform', 'script.js'], { stdin: 'no json' })).toMatchObject({ code: 2 });
});

test('transform - where an event ends the run, $kv holds what was written out and nothing more', async () => {
  await writeFile(
    join(place.path, 'count.js'),
    "const c = await $kv.incr('seen'); if ($.n === 333) throw new Error('boom'); return { n: $.n, c }",
  );
  await writeFile(join(place.path, 'read.js'), "return { seen: await $kv.get('seen') }");
  const events = Array.from({ length: 700 }, (_, n) => ({ n }));
  const failed = await place.run(['transform', 'count.js'], { stdin: lines(events) });
  expect(failed).toMatchObject({
    code: 1,
    stdout: lines(events.slice(0, 333).map(({ n }) => ({ n, c: n + 1 }))),
  });
  expect(failed.stderr).toContain('tail -n +334');
  const after = await place.run(['transform', 'read.js'], { stdin: '{}\n' });
  expect(after.stdout).toBe(lines([{ seen: 333 }]));
});

test('transform - a byte order mark is left out, and a line that is no UTF-8 told by its number', async () => {
  await writeFile(join(place.path, 'script.js'), 'return $');
  const marked = await place.run(['transform', 'script.js'], { stdin: '\ufeff{"n":1}\r\n\r\n{"n":2}' });
  expect(marked).toMatchObject({ code: 0, stdout: lines([{ n: 1 }, { n: 2 }]) });
  const child = spawn(process.execPath, [MAIN, 'transform', 'script.js'], { cwd: place.path });
  child.stdin.end(Buffer.from('{"n":1}\n{"n":"M\xfcller"}\n{"n":3}\n', 'latin1'));
  const [out, told] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect(out).toBe(lines([{ n: 1 }]));
  expect(told).toContain('line 2: The line is not valid UTF-8');
});

test('transform - a reader that has enough ends it without a word', async () => {
  await writeFile(join(place.path, 'script.js'), 'return $');
  const child = spawn(process.execPath, [MAIN, 'transform', 'script.js'], { cwd: place.path });
  child.stdin.on('error', () => undefined);
  Readable.from(manyLines()).pipe(child.stdin);
  const told = text(child.stderr);
  await once(child.stdout, 'data');
  child.stdout.destroy();
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(await told).toBe('');
});

test('transform - Ctrl-C ends it where what was begun is done, and says how to go on', async () => {
  await writeFile(join(place.path, 'script.js'), 'return $');
  const child = spawn(process.execPath, [MAIN, 'transform', 'script.js'], { cwd: place.path });
  child.stdin.on('error', () => undefined);
  Readable.from(manyLines()).pipe(child.stdin);
  const told = text(child.stderr);
  let out = '';
  child.stdout.once('data', () => child.kill('SIGINT'));
  for await (const chunk of child.stdout) out += chunk;
  const count = out.split('\n').length - 1;
  expect(await told).toContain(`tail -n +${count + 1} `);
  expect(child.exitCode ?? (await once(child, 'exit'))[0]).toBe(130);
});

function* manyLines() {
  for (let n = 0; n < 1_000_000; n += 100) yield '{"n":1}\n'.repeat(100);
}

test('transform - a server has the secrets and the hosts that its settings name, and /metrics counts the workers', async () => {
  await using place = await makePlace();
  const key = join(place.path, 'key');
  await writeFile(key, `${'ab'.repeat(32)}\n`);
  const env = {
    TRANSFORM_SECRETS_KEY_FILE: key,
    TRANSFORM_FETCH_HOSTS: 'localhost',
    TRANSFORM_FAILING_TESTS: 'warn',
  };
  const server = await place.start({ env });
  const { url } = server;
  const call = async (name: string, input: object) => {
    const headers = { 'content-type': 'application/json' };
    const at = `${url}/functions/${name}/invocations`;
    return await (await fetch(at, { method: 'POST', headers, body: JSON.stringify(input) })).text();
  };
  await call('transform-secret-put', { name: 'TOKEN', value: 'never-to-be-told' });
  const script = `export default async (event, { secrets, fetch, log }) => {
    log.info(secrets.TOKEN)
    const inside = await fetch('http://localhost/').catch(error => error.message)
    const other = await fetch('https://example.com/').catch(error => error.message)
    return { size: secrets.TOKEN.length, token: secrets.TOKEN, inside, other }
  }`;
  const told = await call('transform', { event: {}, script });
  expect(JSON.parse(told)).toMatchObject({
    data: {
      events: [
        {
          size: 16,
          token: '***',
          inside: expect.stringContaining('not on the internet'),
          other: expect.stringContaining('TRANSFORM_FETCH_HOSTS has to name it'),
        },
      ],
    },
  });
  const tests = [{ events: [{ n: 1 }], expect: [{ n: 2 }] }];
  expect(await call('transform-script-put', { script_id: 's', script: 'return $', tests })).toContain(
    'expected 2, came 1',
  );
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toMatch(/^kvflow_script_workers_started_total [1-9]/m);
  expect(metrics).toMatch(/^kvflow_script_workers_killed_total\{reason="time"\} 0/m);
  expect(metrics).toMatch(/^kvflow_script_events_total 2/m);
  expect(metrics).toMatch(/^kvflow_script_events_under_way 0/m);
  server.child.kill('SIGKILL');
  const { stdout, stderr } = await server.ended;
  expect(told + stdout + stderr).not.toContain('never-to-be-told');
});

test('transform - with TRANSFORM_NATS_URL the state of scripts is on that server, and all else is not', async () => {
  await using place = await makePlace();
  await using own = await startNats();
  const { call } = await place.start({ env: { TRANSFORM_NATS_URL: own.url } });
  const script = 'await $kv.set("a", 1)\nreturn $';
  expect(await call('transform', { script, event: { n: 1 } })).toMatchObject({ events: [{ n: 1 }] });
  await call('kv-bucket-create', { bucket: 'mine' });
  const names = async (server: string) => {
    await using official = await connectOfficial(server);
    const found: string[] = [];
    for await (const status of official.kvm.list()) found.push(status.bucket);
    return found;
  };
  expect(await names(own.url)).toEqual(['transform_kv']);
  const here = (await call('kv-bucket-list', {})) as unknown as { buckets: { bucket: string }[] };
  expect(here.buckets.map(({ bucket }) => bucket)).toEqual(['mine']);
});

const LINE = `${JSON.stringify({ pad: 'p'.repeat(1_000) })}\n`;
/** A command that starts with little has taken by then what it takes. */
const FIRST = 300_000;
const ALL = 600_000;
/** With the room that a machine of many GB gives it, V8 takes 50 MB more at some time, whatever goes through. */
const SMALL_HEAP = ['--max-semi-space-size=2', '--max-old-space-size=80'];
const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux(
  'transform - 300 MB of events more take no more memory than the first 300 (Linux: /proc says how much)',
  async () => {
    await writeFile(join(place.path, 'script.js'), 'return $');
    const child = spawn(process.execPath, [...SMALL_HEAP, MAIN, 'transform', 'script.js'], {
      cwd: place.path,
    });
    const most = async () => {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
      return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
    };
    function* lines() {
      for (let at = 0; at < ALL; at += 100) yield LINE.repeat(100);
    }
    Readable.from(lines()).pipe(child.stdin);
    let bytes = 0;
    let early = 0;
    let late = 0;
    for await (const chunk of child.stdout) {
      const before = bytes;
      bytes += chunk.length;
      const passed = (count: number) => before < count * LINE.length && bytes >= count * LINE.length;
      if (passed(FIRST)) early = await most();
      if (passed(ALL - 1_000)) late = await most();
    }
    expect(bytes).toBe(ALL * LINE.length);
    expect(early).toBeGreaterThan(50);
    expect(late - early).toBeLessThan(30);
  },
);

test('transform - --test runs the tests of a file, and --watch runs them again when the script changes', async () => {
  await using place = await makePlace();
  const script = join(place.path, 'script.ts');
  await writeFile(script, 'export default (e: { n: number }) => ({ n: e.n + 1 })');
  const tests = [{ name: 'adds one', events: [{ n: 1 }], expect: [{ n: 2 }] }];
  // As editors of Windows save it.
  await writeFile(join(place.path, 'tests.json'), `\ufeff${JSON.stringify(tests)}\r\n`);
  const args = ['transform', 'script.ts', '--test', 'tests.json'];
  expect(await place.run(args)).toMatchObject({ code: 0, stdout: 'ok     adds one\n1 passed, 0 failed\n' });
  const watching = place.spawn([...args, '--watch']);
  await watching.printed(/1 passed[\s\S]*Waiting for changes/);
  await writeFile(script, 'export default (e: { n: number }) => ({ n: e.n + 2 })');
  await watching.printed(/FAILED adds one\n +events\/0\/n: expected 2, came 3\n0 passed, 1 failed/);
  watching.child.kill('SIGINT');
  expect(await watching.ended).toMatchObject({ code: 130 });
  expect(await place.run(['transform', 'script.ts', '--watch'])).toMatchObject({ code: 2 });
  await writeFile(script, Buffer.from('return $ /* \xe9 */', 'latin1'));
  for (const more of [[], ['--test', 'tests.json']])
    expect(await place.run(['transform', 'script.ts', ...more])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('script.ts is not UTF-8 text'),
    });
});
