import { beforeAll, expect, test } from '@jest/globals';
import { forAll } from '../../../support/for-all.ts';
import { startNats } from '../../../support/nats.ts';
import type { KvflowServer } from './kvflow-process.ts';
import { isAlive, makePlace, natsPid } from './kvflow-process.ts';

/** Where a kvflow runs for the tests that want one. */
const served = forAll(makePlace);
let server: KvflowServer;
beforeAll(async () => {
  server = await served.start();
  await server.call('kv-bucket-create', { bucket: 'b' });
  await server.call('kv-key-put', { bucket: 'b', key: 'text', value: 'no json' });
});

test('invoke - starts a NATS for the call, prints the data on stdout, and leaves nothing running', async () => {
  await using place = await makePlace();
  const created = await place.run(['invoke', 'kv-bucket-create', '{"bucket":"b"}']);
  expect(created).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(created.stdout)).toMatchObject({ created: true, bucket: 'b' });
  expect(await natsPid(place.dataDir)).toBe(0);
  const listed = await place.run(['invoke', 'kv-bucket-list', '--compact']);
  expect(listed.stdout.trimEnd().split('\n')).toHaveLength(1);
  expect(namesIn(JSON.parse(listed.stdout))).toContain('b');
});

test('invoke - attaches to the kvflow that runs on the data directory', async () => {
  await served.run(['invoke', 'kv-bucket-create', '{"bucket":"shared"}']);
  expect(namesIn((await server.call('kv-bucket-list', {})) as unknown as Listed)).toContain('shared');
  expect(await natsPid(served.dataDir)).toBe(server.natsPid);
  expect(await isAlive(server.natsPid)).toBe(true);
});

test('invoke - two at once without a server take turns', async () => {
  await using place = await makePlace();
  const ended = await Promise.all(
    ['a', 'b', 'c'].map(bucket => place.run(['invoke', 'kv-bucket-create', JSON.stringify({ bucket })])),
  );
  expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
});

test('invoke - reads standard input with -', async () => {
  await using place = await makePlace();
  const ended = await place.run(['invoke', 'kv-bucket-create', '-'], {
    stdin: '\ufeff{"bucket":"from-stdin"}\n',
  });
  expect(JSON.parse(ended.stdout)).toMatchObject({ bucket: 'from-stdin' });
});

test('invoke - uses NATS_URL where it is set', async () => {
  await using nats = await startNats();
  await using place = await makePlace();
  const env = { NATS_URL: nats.url };
  expect(await place.run(['invoke', 'kv-bucket-create', '{"bucket":"b"}'], { env })).toMatchObject({
    code: 0,
  });
  const listed = await place.run(['invoke', 'kv-bucket-list'], { env });
  expect(namesIn(JSON.parse(listed.stdout))).toContain('b');
});

const FAILURES: [what: string, args: string[], code: number, text: string][] = [
  ['a missing property', ['kv-key-get', '{"bucket":"b"}'], 2, '/key  is required'],
  ['input that is no JSON', ['kv-key-get', '{bucket:b}'], 2, 'The input is no valid JSON'],
  ['no function', [], 2, 'Usage: kvflow invoke <function>'],
  ['a bad timeout', ['kv-bucket-list', '--timeout', 'soon'], 2, 'a whole number of milliseconds'],
  ['an unknown flag', ['kv-bucket-list', '--fast'], 2, "Unknown option '--fast'"],
  ['an unknown function', ['kv-nothing'], 3, 'FUNCTION_NOT_FOUND'],
  ['a bucket that is not there', ['kv-key-get', '{"bucket":"c","key":"a"}'], 3, 'BUCKET_NOT_FOUND'],
  ['a key that is not there', ['kv-key-get', '{"bucket":"b","key":"a"}'], 3, 'KEY_NOT_FOUND'],
  ['a conflict', ['kv-bucket-create', '{"bucket":"b","history":7}'], 4, 'BUCKET_EXISTS'],
  [
    'a value that is no JSON',
    ['kv-key-get', '{"bucket":"b","key":"text","json":true}'],
    1,
    'INVALID_JSON_VALUE',
  ],
];

test('invoke - each kind of failure has its exit code and readable text on stderr', async () => {
  for (const [what, args, code, text] of FAILURES) {
    const ended = await served.run(['invoke', ...args]);
    expect([what, ended.code, ended.stdout]).toEqual([what, code, '']);
    expect(ended.stderr).toContain(text);
    expect(ended.stderr).not.toMatch(/\n\s+at /);
  }
});

test('invoke - --envelope prints the envelope of a success and of a failure', async () => {
  const good = await served.run(['invoke', 'kv-bucket-list', '--envelope']);
  const envelope = JSON.parse(good.stdout);
  expect(envelope.status_code).toBe(200);
  expect(namesIn(envelope.data)).toContain('b');
  const bad = await served.run(['invoke', 'kv-key-get', '{"bucket":"b","key":"a"}', '--envelope']);
  expect(bad.code).toBe(3);
  expect(JSON.parse(bad.stdout)).toMatchObject({ status_code: 404, error: { code: 'KEY_NOT_FOUND' } });
});

test('invoke - a NATS that is away fails within the deadline with exit code 1', async () => {
  await using place = await makePlace();
  const env = { NATS_URL: 'nats://127.0.0.1:1' };
  const ended = await place.run(['invoke', 'kv-bucket-list', '--timeout', '300'], { env });
  expect(ended.code).toBe(1);
  expect(ended.stderr).toContain('UNAVAILABLE');
});

interface Listed {
  buckets: { bucket: string }[];
}

/** Names of buckets; kvflow's own log of administrative calls is one of them. */
function namesIn({ buckets }: Listed): string[] {
  return buckets.map(({ bucket }) => bucket);
}
