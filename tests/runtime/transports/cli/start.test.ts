import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { EVENTS_BUCKET, IDEMPOTENCY_BUCKET, SCRIPT_STATE_BUCKET } from '../../../../contract/own-buckets.ts';
import { eventually } from '../../../support/eventually.ts';
import { joinNats, startWithServer } from '../../../support/kvflow.ts';
import { startLossyProxy } from '../../../support/lossy-proxy.ts';
import { startNats } from '../../../support/nats.ts';
import { soon } from '../../../support/soon.ts';
import { isAlive, makePlace, natsPid } from './kvflow-process.ts';

const shell = (line: string, env = {}) =>
  promisify(execFile)('sh', ['-c', line], { env: { ...process.env, ...env } }).then(({ stdout }) =>
    JSON.parse(stdout),
  );

test('start - prints the URL, the data directory and a curl line that works as printed', async () => {
  await using place = await makePlace();
  const server = await place.start();
  await server.printed(new RegExp(`Data directory +${place.dataDir}\n`));
  const [, flows = ''] = await server.printed(/Flows +(\S+)/);
  expect(await (await fetch(flows)).text()).toContain('<title>kvflow: flows');
  const [curl] = await server.printed(/curl .*/);
  expect(await shell(`${curl} -sS`)).toMatchObject({
    status_code: 200,
    data: { bucket: 'hello', created: true },
  });
});

test('start and check - a bucket of ours that somebody made otherwise is named, with what it needs', async () => {
  await using place = await makePlace();
  await using kvflow = await startWithServer();
  const call = soon();
  await kvflow.nats.kv.createBucket(call, IDEMPOTENCY_BUCKET, { max_value_size: 5 });
  const env = { NATS_URL: kvflow.server.url };
  const checked = await place.run(['check'], { env });
  expect(checked.stdout).toMatch(new RegExp(`^\\w+ +.*${IDEMPOTENCY_BUCKET}.*max_value_size: -1`, 'm'));
  const server = await place.start({ env });
  await server.printed(new RegExp(`${IDEMPOTENCY_BUCKET}.*needs max_value_size: -1`));
});

test('start and check - a nats-server 2.11 (stand-in: one that says so) is named with what does not work on it', async () => {
  await using nats = await startNats();
  await using proxy = await startLossyProxy(nats.port, { asVersion: '2.11.9' });
  await using place = await makePlace();
  const env = { NATS_URL: proxy.url };
  const tooOld =
    /What identify and \$kv of scripts write needs nats-server 2\.12 or newer; this one is 2\.11\.9/;
  const checked = await place.run(['check'], { env });
  expect(checked).toMatchObject({ code: 1, stdout: expect.stringMatching(tooOld) });
  const server = await place.start({ env });
  await server.printed(tooOld);
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
});

test('start - with API keys the curl line works with one of them', async () => {
  await using place = await makePlace();
  const key = 'a-key-for-containers';
  const server = await place.start({ env: { KVFLOW_API_KEYS: key } });
  const [curl] = await server.printed(/curl .*/);
  expect(await shell(`${curl} -sS`, { KVFLOW_KEY: 'another-key-altogether' })).toMatchObject({
    status_code: 401,
  });
  expect(await shell(`${curl} -sS`, { KVFLOW_KEY: key })).toMatchObject({ status_code: 200 });
});

test('start - says which state is on a NATS of its own, and not where', async () => {
  await using place = await makePlace();
  await using own = await startNats();
  const { url } = await place.start({
    env: { TRANSFORM_NATS_URL: own.url.replace('://', '://ada:s3cret@'), TRANSFORM_KV_BUCKET: 'sessions' },
  });
  const text = await (await fetch(`${url}/access`)).text();
  expect(JSON.parse(text).state).toEqual({
    transform: { bucket: 'sessions', own_nats: true },
    recognition: { own_nats: false },
  });
  expect(text).not.toMatch(/s3cret|nats:/);
});

test('start - human text goes to stdout, the log to stderr as JSON lines', async () => {
  await using place = await makePlace();
  const server = await place.start({ env: { KVFLOW_API_KEY: 'almost', KVFLOW_FLOWS: 'off' } });
  server.child.kill('SIGTERM');
  const { stdout, stderr } = await server.ended;
  expect(stdout).toMatch(/^kvflow \d+\.\d+\.\d+ is ready\./);
  expect(stdout).not.toContain('"level"');
  expect(stdout).not.toContain('Flows');
  const lines = stderr
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line));
  expect(lines.map(line => line.msg)).toContain(
    'KVFLOW_API_KEY is not a variable of kvflow; was KVFLOW_API_KEYS meant?',
  );
});

test.each(['SIGTERM', 'SIGINT'] as const)('start - %s stops everything and exits with 0', async signal => {
  await using place = await makePlace();
  const server = await place.start();
  expect(await isAlive(server.natsPid)).toBe(true);
  server.child.kill(signal);
  expect(await server.ended).toMatchObject({ code: 0, signal: null });
  expect(await isAlive(server.natsPid)).toBe(false);
  expect(await natsPid(place.dataDir)).toBe(0);
});

test('start - SIGTERM before it is ready stops it as well', async () => {
  await using place = await makePlace();
  const server = place.spawn(['start', '--port', '0']);
  await untilRecorded(place.dataDir);
  const pid = await natsPid(place.dataDir);
  server.child.kill('SIGTERM');
  expect(await server.ended).toMatchObject({ code: 0, signal: null });
  expect(await isAlive(pid)).toBe(false);
});

test('start - a second start on the same data directory says so and exits', async () => {
  await using place = await makePlace();
  const server = await place.start();
  const second = await place.run(['start', '--port', '0']);
  expect(second.code).toBe(1);
  expect(second.stderr).toContain(`is in use by another kvflow, process ${server.child.pid}`);
  expect(second.stderr).toContain('KVFLOW_DATA_DIR');
  expect(second.stderr).not.toMatch(/\n\s+at /);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
});

test('start - after kill -9 the next start works and finds the data, and no second nats-server is left', async () => {
  await using place = await makePlace();
  const first = await place.start();
  await place.run(['invoke', 'kv-bucket-create', '{"bucket":"kept"}']);
  await place.run(['invoke', 'kv-key-put', '{"bucket":"kept","key":"a","value":"still here"}']);
  first.child.kill('SIGKILL');
  await first.ended;
  const second = await place.start();
  expect(await isAlive(first.natsPid)).toBe(false);
  const got = await place.run(['invoke', 'kv-key-get', '{"bucket":"kept","key":"a"}']);
  expect(JSON.parse(got.stdout)).toMatchObject({ value: 'still here' });
  second.child.kill('SIGTERM');
  expect(await second.ended).toMatchObject({ code: 0 });
});

test('start - a busy port is refused with the way out, and nothing is left running', async () => {
  await using place = await makePlace();
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise(resolve => other.once('listening', resolve));
  const { port } = other.address() as { port: number };
  const ended = await place.run(['start', '--port', String(port)]);
  other.close();
  expect(ended.code).toBe(1);
  expect(ended.stderr).toContain(`Port ${port} on 127.0.0.1 is in use by another program`);
  expect(ended.stderr).toContain('--port');
  expect(await natsPid(place.dataDir)).toBe(0);
});

test('start - a host beyond this machine without an API key is refused', async () => {
  await using place = await makePlace();
  const ended = await place.run(['start', '--host', '0.0.0.0', '--port', '0']);
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain('kvflow keys add');
});

test('start - joins the NATS of NATS_URL, starts none of its own, and gives transactions to buckets of ours there', async () => {
  await using nats = await startNats();
  await using place = await makePlace();
  await using before = joinNats({ servers: [nats.url] });
  const names = [SCRIPT_STATE_BUCKET, EVENTS_BUCKET, 'theirs'];
  for (const bucket of names) await before.call('kv-bucket-create', { bucket, transactions: false });
  const server = await place.start({ env: { NATS_URL: nats.url } });
  await server.printed(new RegExp(`NATS +${nats.url}\n`));
  expect(await natsPid(place.dataDir)).toBe(0);
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  await eventually(async () => {
    const infos = names.map(bucket => before.call('kv-bucket-info', { bucket }));
    expect((await Promise.all(infos)).map(({ transactions }) => transactions)).toEqual([true, true, false]);
  });
});

test('start - a NATS that is away is waited for, and does not stand in the way', async () => {
  await using place = await makePlace();
  const server = await place.start({ env: { NATS_URL: 'nats://127.0.0.1:1' } });
  await server.printed(/not reachable yet; kvflow keeps trying/);
  expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
  server.child.kill('SIGTERM');
  expect(await server.ended).toMatchObject({ code: 0 });
});

test('start - a NATS that refuses the credentials ends it with the reason', async () => {
  await using nats = await startNats({ extra: 'authorization { user: a, password: b }' });
  await using place = await makePlace();
  const ended = await place.run(['start', '--port', '0'], {
    env: { NATS_URL: nats.url, NATS_TOKEN: 'wrong-secret' },
  });
  expect(ended.code).toBe(1);
  expect(ended.stderr).toContain('NATS does not let kvflow in');
  expect(ended.stdout + ended.stderr).not.toContain('is ready');
  expect(ended.stderr).not.toContain('wrong-secret');
});

test('start - a key file that cannot be read ends it with one line', async () => {
  await using place = await makePlace();
  await mkdir(place.dataDir, { recursive: true });
  await writeFile(join(place.dataDir, 'api-keys.json'), '{"version":1,');
  const ended = await place.run(['start', '--port', '0']);
  // As for anything that is configured wrongly.
  expect(ended.code).toBe(2);
  expect(ended.stdout).not.toContain('is ready');
  const told = ended.stderr.split('\n').filter(line => line.includes('api-keys.json'));
  expect(told).toHaveLength(1);
  expect(ended.stderr).not.toMatch(/\n\s+at /);
});

test('start - a call in flight is finished before anything is stopped', async () => {
  await using place = await makePlace();
  const server = await place.start();
  const [answer] = await callWhileNatsSleeps(server);
  server.child.kill('SIGTERM');
  await server.printed(/stopping after what is in flight is done/);
  process.kill(server.natsPid, 'SIGCONT');
  expect((await answer).status).toBe(200);
  expect(await server.ended).toMatchObject({ code: 0 });
});

test('start - a second signal, a moment later, ends it at once', async () => {
  await using place = await makePlace();
  const server = await place.start();
  const [answer] = await callWhileNatsSleeps(server);
  server.child.kill('SIGTERM');
  // npm and the terminal both send one when Ctrl-C is pressed: these two count as one. Two of a kind would be merged.
  server.child.kill('SIGINT');
  await server.printed(/stopping after what is in flight is done/);
  await new Promise(resolve => setTimeout(resolve, 600));
  expect(server.child.exitCode).toBe(null);
  server.child.kill('SIGTERM');
  expect(await server.ended).toMatchObject({ code: 143 });
  await expect(answer).rejects.toThrow();
  process.kill(server.natsPid, 'SIGCONT');
});

test('start - what nobody caught is logged, everything is stopped, and the exit code is 1', async () => {
  await using place = await makePlace();
  // Quoted with neither spaces nor double quotes: NODE_OPTIONS has its own idea of both.
  const bomb = "process.on('SIGUSR2',()=>{throw(new(Error)('boom'))})";
  const server = await place.start({ env: { NODE_OPTIONS: `--import=data:text/javascript,${bomb}` } });
  server.child.kill('SIGUSR2');
  const ended = await server.ended;
  expect(ended.code).toBe(1);
  expect(ended.stderr).toMatch(/"level":60.*boom/);
  expect(await isAlive(server.natsPid)).toBe(false);
});

/** A call that the server has taken and cannot answer until nats-server gets SIGCONT. */
async function callWhileNatsSleeps({
  url,
  natsPid: nats,
}: {
  url: string;
  natsPid: number;
}): Promise<[Promise<Response>]> {
  process.kill(nats, 'SIGSTOP');
  const inFlight = async () => /in_flight 1/.test(await (await fetch(`${url}/metrics`)).text());
  for (;;) {
    const answer = fetch(`${url}/functions/kv-bucket-list/invocations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    let isOver = false;
    const over = () => {
      isOver = true;
    };
    answer.then(over, over);
    // One that nats-server answered before it stopped, or that ended before it was seen, is made again.
    while (!isOver) if (await inFlight()) return [answer];
  }
}

async function untilRecorded(dataDir: string): Promise<void> {
  for (const end = Date.now() + 20_000; (await natsPid(dataDir)) === 0; ) {
    if (Date.now() > end) throw new Error('nats-server was not started');
    await new Promise(resolve => setImmediate(resolve));
  }
}
