import { expect, test } from '@jest/globals';
import { startAccounts } from '../support/accounts.ts';
import { eventually } from '../support/eventually.ts';
import { forAll } from '../support/for-all.ts';
import { joinNats, startKvflow } from '../support/kvflow.ts';
import { whileAlive } from '../support/while-alive.ts';

const accounts = forAll(() => startAccounts());

/** The session example of Jitsu Classic's documentation, with the braces that the page lost. */
const SESSIONS = `
// generate anonymous user id based on user agent and first 3 octets of IP address
const IP3octets = ($.source_ip??"").split(".", 3).join(".")
const anonymousId = $.user_agent + IP3octets;
// try to get session data from key value storage
let sessionData = await $kv.get(\`session_\${anonymousId}\`);
if (!sessionData) {
  // create a new session if previoud one doesn't exist or expired
  sessionId = Math.random().toString(36).substring(2)
  sessionData = {id: sessionId, start: new Date(), pageViews: 0}
}
// increment session page views
sessionData.pageViews++
// store updated session data in key value storage with TTL 30 minutes
await $kv.set(\`session_\${anonymousId}\`, sessionData, {ttlMs: 1000*60*30})
// enrich event with session data
$.session = sessionData
return $;
`;

const EVENT = { user_agent: 'Mozilla/5.0 (X11; Linux) ..', source_ip: '10.11.12.13' };
const CALL = { script: SESSIONS, namespace: 'shop', timeout_ms: 5_000 };

function pageViews(answers: unknown[]): number[] {
  const events = answers.flatMap(
    answer => (answer as { events: { session: { pageViews: number } }[] }).events,
  );
  return events.map(({ session }) => session.pageViews).sort((a, b) => a - b);
}

const upTo64 = Array.from({ length: 64 }, (_, i) => i + 1);

test('transform - 64 events of one session in one call count to 64, in order', async () => {
  await using k = accounts.join();
  const events = Array.from({ length: 64 }, () => EVENT);
  const answer = await k.call('transform', { ...CALL, events });
  expect(pageViews([answer])).toEqual(upTo64);
});

test('transform - 64 events of one session in 64 calls at once count to 64, none missing, none twice', async () => {
  await using k = accounts.join();
  const answers = await Promise.all(upTo64.map(() => k.call('transform', { ...CALL, event: EVENT })));
  expect(pageViews(answers)).toEqual(upTo64);
});

test('transform - 64 events of one session over two kvflows count to 64, none missing, none twice', async () => {
  await using k = await startKvflow();
  await using other = joinNats(k.joined);
  const answers = await Promise.all(
    upTo64.map(i => (i % 2 === 0 ? k : other).call('transform', { ...CALL, event: EVENT })),
  );
  expect(pageViews(answers)).toEqual(upTo64);
});

test('transform - a ttl is refreshed by each set, and ends exactly', async () => {
  await using k = accounts.join();
  const script = `
    const left = (await $kv.get($.key)) ?? 0
    if ($.ttlMs) await $kv.set($.key, left + 1, { ttlMs: $.ttlMs })
    return { left }`;
  const run = async (event: object) =>
    ((await k.call('transform', { script, event })) as unknown as { events: { left: number }[] }).events[0]
      ?.left;
  const wait = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));
  // In all less than five thirds of the ttl: what is looked at after two thirds of it was looked at in time.
  const key = await whileAlive(2_500, async ms => {
    const [key, ttlMs] = [`s.${ms}`, ms * 0.6];
    await run({ key, ttlMs });
    await wait(ms * 0.4);
    expect(await run({ key, ttlMs })).toBe(1);
    await wait(ms * 0.4);
    expect(await run({ key })).toBe(2); // After the end of the first set, before that of the second.
    return key;
  });
  await eventually(async () => expect(await run({ key })).toBe(0));
});

test('transform - keys are any text, and kept apart by namespace', async () => {
  await using k = accounts.join();
  const keys = [
    '.',
    'a..b',
    '*',
    '>',
    'sp ace/ü/日本',
    '$KV.x',
    'x'.repeat(1024),
    `${'x'.repeat(1023)}y`,
    '~',
    '%2E',
  ];
  const script = `
    if ($.set) for (const key of $.keys) await $kv.set(key, key + '!')
    const values = []
    for (const key of $.keys) values.push((await $kv.get(key)) ?? null)
    return { values }`;
  const call = { script, timeout_ms: 5_000 };
  const values = async (event: object, namespace: string) =>
    (
      (await k.call('transform', { ...call, event, namespace })) as unknown as {
        events: { values: unknown[] }[];
      }
    ).events[0]?.values;
  expect(await values({ keys, set: true }, 'a.b')).toEqual(keys.map(key => `${key}!`));
  expect(await values({ keys }, 'a.b')).toEqual(keys.map(key => `${key}!`));
  expect(await values({ keys }, 'a')).toEqual(keys.map(() => null));
});

test('transform - on_error decides what a failing event does to its call', async () => {
  await using k = accounts.join();
  const script = 'if ($.bad) throw new Error("no such thing")\nreturn { ok: $.n }';
  const events = [{ n: 1 }, { n: 2, bad: true }, { n: 3 }];
  const failed = await k.fail('transform', { script, events });
  expect(failed).toMatchObject({ code: 'SCRIPT_ERROR', status_code: 422, details: { index: 1 } });
  expect(failed.message).toContain('no such thing');
  expect(failed.details?.events).toEqual([{ ok: 1 }, { ok: 3 }]);
  const skipped = await k.call('transform', { script, events, on_error: 'skip' });
  expect(skipped.events).toEqual([{ ok: 1 }, { ok: 3 }]);
  expect(skipped.results).toMatchObject([
    { outcome: 'ok' },
    { outcome: 'error', error: { code: 'SCRIPT_ERROR' } },
    {},
  ]);
  const passed = await k.call('transform', { script, events, on_error: 'pass' });
  expect(passed.events).toEqual([{ ok: 1 }, { n: 2, bad: true }, { ok: 3 }]);
});

test('transform - logs, time and memory have their own answers', async () => {
  await using k = accounts.join();
  const logged = await k.call('transform', { script: 'console.log("seen", $.n); return $', event: { n: 7 } });
  expect(logged.logs).toEqual([{ index: 0, level: 'log', message: 'seen 7' }]);
  const slow = await k.fail('transform', { script: 'while (true);', event: {}, timeout_ms: 100 });
  expect(slow).toMatchObject({ code: 'SCRIPT_TIMEOUT', status_code: 422 });
  const big = await k.fail('transform', {
    script: 'const a = []; while (true) a.push(new Array(1e6).fill(1))',
    event: {},
    timeout_ms: 20_000,
  });
  expect(big).toMatchObject({ code: 'SCRIPT_OUT_OF_MEMORY', status_code: 422 });
});

test('transform - an older version of a stored script still runs', async () => {
  await using k = accounts.join();
  const first = await k.call('transform-script-put', { script_id: 's', script: 'return { v: 1 }' });
  await k.call('transform-script-put', { script_id: 's', script: 'return { v: 2 }' });
  expect((await k.call('transform', { event: {}, script_id: 's' })).events).toEqual([{ v: 2 }]);
  const old = { event: {}, script_id: 's', script_version: first.version };
  expect((await k.call('transform', old)).events).toEqual([{ v: 1 }]);
});

test('transform - a syntax error is told with line and column', async () => {
  await using k = accounts.join();
  const error = await k.fail('transform-script-put', {
    script_id: 's',
    script: 'const a = 1\nreturn a +* 2',
  });
  expect(error).toMatchObject({ code: 'SCRIPT_ERROR', details: { line: 2, column: 11 } });
});

test('transform - give event or events, script or script_id', async () => {
  await using k = accounts.join();
  for (const input of [
    { script: '$' },
    { event: {}, events: [{}], script: '$' },
    { event: {} },
    { event: {}, script: '$', script_id: 's' },
  ]) {
    expect((await k.fail('transform', input)).code).toBe('INVALID_INPUT');
  }
});

test('transform - a key that may not use the bucket of $kv runs no script that does', async () => {
  await using k = accounts.join();
  const principal = { name: 'p', functions: ['*'], buckets: ['mine-*'], readOnly: false };
  const script = 'await $kv.set("a", 1); return $';
  expect((await k.fail('transform', { event: {}, script }, { principal })).code).toBe('FORBIDDEN');
  expect((await k.fail('transform', { event: {}, script, kv_bucket: 'other' }, { principal })).code).toBe(
    'FORBIDDEN',
  );
  // Another way to write the same name, and nothing of what others left in this process.
  await k.call('transform', { event: {}, script: "await $kv.set('secret', 1); return {}" });
  for (const hidden of [
    "return { v: await $\\u006bv.get('secret') }",
    "await $\\u006bv.set('secret', 2); return {}",
  ])
    expect((await k.fail('transform', { event: {}, script: hidden }, { principal })).code).toBe('FORBIDDEN');
  expect(
    (await k.call('transform', { event: {}, script: "return { v: await $kv.get('secret') }" })).events,
  ).toEqual([{ v: 1 }]);
  await k.call('transform', { event: {}, script, kv_bucket: 'mine-kv' }, { principal });
  await k.call('transform', { event: {}, script: '$' }, { principal });
});

test('transform - a bucket that cannot hold the state of scripts is refused with what it needs', async () => {
  await using k = accounts.join();
  await k.call('kv-bucket-create', { bucket: 'plain', history: 5 });
  const error = await k.fail('transform', { event: {}, script: 'await $kv.get("a")', kv_bucket: 'plain' });
  expect(error).toMatchObject({ code: 'INVALID_INPUT', errors: [{ pointer: '/kv_bucket' }] });
});
