import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { stringifyExact } from '../../contract/exact-json.ts';
import type {
  TransformDeadListOutput,
  TransformDeadReplayOutput,
  TransformOutput,
} from '../../contract/types.gen.ts';
import { EVERYTHING } from '../../runtime/core/principal.ts';
import { startAccounts } from '../support/accounts.ts';
import { forAll } from '../support/for-all.ts';
import { PATIENCE } from '../support/patience.ts';

const accounts = forAll(() => startAccounts());
const HALF = 'if ($.n % 2) throw new RangeError("odd"); return { n: $.n / 2 }';
const numbered = (...ns: number[]) => ns.map(n => ({ n }));

test('transform dead letters - are listed with the reason, replayed once the script is mended, and gone', async () => {
  await using k = accounts.join();
  const list = async (input: object = {}) =>
    (await k.call('transform-dead-list', {
      namespace: 'shop',
      ...input,
    })) as unknown as TransformDeadListOutput;
  const replay = async (input: object = {}) =>
    (await k.call('transform-dead-replay', {
      namespace: 'shop',
      ...input,
    })) as unknown as TransformDeadReplayOutput;
  await k.call('transform-script-put', { script_id: 'half', script: HALF });
  const call = { script_id: 'half', namespace: 'shop', on_error: 'dead' };
  await k.call('transform', { ...call, events: numbered(1, 2, 3, 5) });
  await k.call('transform', { ...call, script_id: undefined, script: HALF, event: { n: 7 } });

  const { letters } = await list({ script_id: 'half' });
  expect(letters.map(({ event }) => event.n).sort()).toEqual([1, 3, 5]);
  expect(letters[0]).toMatchObject({
    namespace: 'shop',
    script_id: 'half',
    code: 'SCRIPT_ERROR',
    message: expect.stringMatching(/^RangeError: odd\n.*main \(1:/),
    expires_at: expect.stringMatching(/Z$/),
  });
  const page = await list({ limit: 3 });
  const rest = await list({ limit: 3, cursor: page.cursor });
  expect([page.letters.length, rest.letters.length, rest.cursor]).toEqual([3, 1, undefined]);
  expect((await list({ namespace: 'another' })).letters).toEqual([]);
  expect(await k.fail('transform-dead-list', { namespace: 'shop', key: 'transform.x' })).toMatchObject({
    code: 'KEY_NOT_FOUND',
  });

  // Not mended yet: all stay, none twice.
  expect(await replay()).toEqual({
    events: [],
    replayed: 0,
    failed: 4,
    failures: Array(4).fill({
      key: expect.stringMatching(/^transform\.shop\./),
      code: 'SCRIPT_ERROR',
      message: 'RangeError: odd',
    }),
    more: false,
  });
  expect((await list()).letters).toHaveLength(4);
  await k.call('transform-script-put', { script_id: 'half', script: 'if ($.n > 4) throw 5; return $' });
  const kept = await replay({ script_id: 'half', keep: true });
  expect(kept).toMatchObject({ replayed: 2, failed: 1 });
  expect((await list()).letters).toHaveLength(4);
  const { events, ...counts } = await replay({ script_id: 'half' });
  expect([events.map(({ n }) => n).sort(), counts]).toEqual([
    [1, 3],
    { replayed: 2, failed: 1, more: false, failures: [expect.objectContaining({ code: 'SCRIPT_ERROR' })] },
  ]);
  expect((await list({ script_id: 'half' })).letters).toMatchObject([
    { event: { n: 5 }, message: expect.stringContaining('threw 5') },
  ]);
  expect(await replay({ script_id: 'inline', script: 'return { mended: $.n }' })).toMatchObject({
    events: [{ mended: 7 }],
    replayed: 1,
  });
  expect(await k.call('transform-dead-drop', { namespace: 'shop', code: 'TIMEOUT' })).toMatchObject({
    dropped: 0,
  });
  expect(await k.call('transform-dead-drop', { namespace: 'shop' })).toEqual({ dropped: 1, more: false });
  expect((await list()).letters).toEqual([]);
});

test('transform dead letters - of all namespaces are those that the caller may use', async () => {
  await using k = accounts.join();
  const call = { script: 'throw 1', on_error: 'dead' };
  const places = ['default', 'shop', 'shop.eu', 'x'.repeat(128), 'é'.repeat(100)];
  for (const namespace of places) await k.call('transform', { ...call, namespace, event: { of: namespace } });
  const all = { all_namespaces: true };
  const namespaces = async (input: object, options?: Parameters<typeof k.call>[2]) => {
    const answer = (await k.call(
      'transform-dead-list',
      input,
      options,
    )) as unknown as TransformDeadListOutput;
    return answer.letters.map(({ namespace }) => namespace).sort();
  };
  expect(await namespaces(all)).toEqual([...places].sort());
  const principal = { ...EVERYTHING, name: 'shops', namespaces: ['shop*'] };
  expect(await namespaces(all, { principal })).toEqual(['shop', 'shop.eu']);
  // A long name is in its key as a hash, which fits a pattern by chance alone.
  const hash = createHash('sha256').update('é'.repeat(100)).digest('hex');
  const byChance = { ...principal, namespaces: [`*${hash.at(-1)}`] };
  expect(await namespaces(all, { principal: byChance })).toEqual([]);
  expect(await k.fail('transform-dead-list', {}, { principal })).toMatchObject({ code: 'FORBIDDEN' });
  expect(await k.fail('transform-dead-list', { ...all, namespace: 'shop' })).toMatchObject({
    code: 'INVALID_INPUT',
    errors: [{ pointer: '/all_namespaces' }],
  });
  const { letters } = (await k.call('transform-dead-list', {})) as unknown as TransformDeadListOutput;
  const [others = { key: '' }] = letters;
  expect(await k.fail('transform-dead-list', { ...all, key: others.key }, { principal })).toMatchObject({
    code: 'KEY_NOT_FOUND',
  });
  expect(await namespaces({ ...all, key: others.key })).toEqual(['default']);
  const replayed = await k.call('transform-dead-replay', { ...all, script: 'return $' }, { principal });
  expect(replayed).toMatchObject({ replayed: 2, failed: 0 });
  expect(await k.call('transform-dead-drop', all, { principal })).toEqual({ dropped: 0, more: false });
  expect(await k.call('transform-dead-drop', all)).toEqual({ dropped: 3, more: false });
});

test('transform dead letters - those of one code are found behind any number of others, page after page', async () => {
  await using k = accounts.join();
  const replay = async (input: object) =>
    (await k.call('transform-dead-replay', input)) as unknown as TransformDeadReplayOutput;
  const script = 'if ($.n % 10 === 0) await new Promise(() => {}); throw 1';
  const events = numbered(...Array.from({ length: 30 }, (_, n) => n));
  // Those that throw do so in time, on a busy machine too.
  await k.call('transform', { script, events, timeout_ms: 400 * PATIENCE, on_error: 'dead' });
  const mended = { code: 'SCRIPT_TIMEOUT', script: 'return $', limit: 2 };
  const first = await replay(mended);
  expect(first).toMatchObject({ replayed: 2, more: true });
  const second = await replay({ ...mended, cursor: first.cursor });
  expect(second).toMatchObject({ replayed: 1, failed: 0 });
  const ofCode = await k.call('transform-dead-drop', { code: 'SCRIPT_ERROR' });
  expect(ofCode).toEqual({ dropped: 27, more: false });
});

test('transform dead letters - events that were never run, since others of their script looped, say so and go well later', async () => {
  await using k = accounts.join();
  const script = 'if ($.loop) for (;;); return { done: $.n }';
  const call = { script, timeout_ms: 100, on_error: 'dead' };
  await k.call('transform', { ...call, events: [1, 2, 3].map(loop => ({ loop })) });
  const { results } = (await k.call('transform', {
    ...call,
    events: numbered(4, 5),
  })) as unknown as TransformOutput;
  const parked = { code: 'RATE_LIMITED', limit: 'parked', retry_after_ms: expect.any(Number) };
  expect(results.map(({ error }) => error)).toMatchObject([parked, parked]);
  expect(results[0]?.error?.message).toMatch(/^The event was not run: its script ended its worker 3 times/);
  expect(await k.fail('transform', { script, event: { n: 6 } })).toMatchObject({
    code: 'RATE_LIMITED',
    retryable: true,
    details: { retry_after_ms: expect.any(Number) },
  });
  const mended = { code: 'RATE_LIMITED', script: 'return { done: $.n }' };
  const replayed = (await k.call('transform-dead-replay', mended)) as unknown as TransformDeadReplayOutput;
  expect(replayed).toMatchObject({ replayed: 2, failed: 0, more: false });
  expect(replayed.events.map(({ done }) => done).sort()).toEqual([4, 5]);
  const rest = (await k.call('transform-dead-list', {})) as unknown as TransformDeadListOutput;
  expect(rest.letters.map(({ code }) => code)).toEqual(Array(3).fill('SCRIPT_TIMEOUT'));
});

test('transform dead letters - a line that is no JSON object is kept as its text; replay says that no script can run over it', async () => {
  await using k = accounts.join();
  const ndjson = '{"n":1}\n {"n": \n[1,2]\n"text"\r\n{"n":2}\n';
  const { ndjson: out } = (await k.call('transform', {
    script: 'return $',
    ndjson,
    on_error: 'dead',
  })) as unknown as { ndjson: string };
  expect(out).toBe('{"n":1}\n{"n":2}\n');
  const list = async () =>
    ((await k.call('transform-dead-list', {})) as unknown as TransformDeadListOutput).letters;
  const texts = async () => (await list()).map(({ text, event, code }) => [text, event, code]);
  const kept = ['"text"', '[1,2]', '{"n":'].map(text => [text, {}, 'INVALID_INPUT']);
  expect((await texts()).sort()).toEqual(kept);
  const replayed = (await k.call('transform-dead-replay', {})) as unknown as TransformDeadReplayOutput;
  expect(replayed).toMatchObject({ events: [], replayed: 0, failed: 3, more: false });
  expect(replayed.failures?.map(({ code, message }) => [code, message])).toEqual(
    Array(3).fill(['INVALID_INPUT', expect.stringContaining('is no JSON object')]),
  );
  expect((await texts()).sort()).toEqual(kept);
  expect(await k.call('transform-dead-drop', { key: replayed.failures?.[0]?.key ?? '' })).toMatchObject({
    dropped: 1,
  });
});

test('transform dead letters - what cannot be read among them is named, and costs only itself', async () => {
  await using k = accounts.join();
  await k.call('transform', { script: 'throw 1', event: { n: 1 }, on_error: 'dead' });
  const [letter] = ((await k.call('transform-dead-list', {})) as unknown as TransformDeadListOutput).letters;
  const key = letter?.key ?? '';
  const { value } = (await k.call('kv-key-get', { bucket: 'recognition_dead', key })) as unknown as {
    value: string;
  };
  const odd = {
    a: 'no JSON',
    b: '{}',
    c: '[]',
    d: JSON.stringify({ ...JSON.parse(value), v: 2 }),
    e: JSON.stringify({ ...JSON.parse(value), settings: null }),
  };
  for (const [name, text] of Object.entries(odd))
    await k.call('kv-key-put', {
      bucket: 'recognition_dead',
      key: `transform.default.inline.${name}`,
      value: text,
    });
  const unreadable = Object.keys(odd).map(name => `transform.default.inline.${name}`);
  expect(await k.call('transform-dead-list', {})).toMatchObject({ letters: [{ key }], unreadable });
  const one = { key: 'transform.default.inline.a' };
  expect(await k.call('transform-dead-list', one)).toEqual({ letters: [], unreadable: [one.key] });
  expect(await k.call('transform-dead-replay', { script: 'return $' })).toMatchObject({
    replayed: 1,
    failed: 0,
    unreadable,
  });
  expect(await k.call('transform-dead-drop', { code: 'SCRIPT_ERROR' })).toMatchObject({ dropped: 0 });
  expect(await k.call('transform-dead-drop', one)).toMatchObject({ dropped: 1 });
  expect(await k.call('transform-dead-drop', {})).toMatchObject({ dropped: 4 });
  expect(await k.call('transform-dead-list', {})).toEqual({ letters: [] });
});

test('transform dead letters - those of a script that is gone fail by themselves', async () => {
  await using k = accounts.join();
  await k.call('transform-script-put', { script_id: 'gone', script: 'throw 1' });
  await k.call('transform', { script_id: 'gone', event: { n: 1 }, on_error: 'dead' });
  await k.call('transform', { script: 'throw 1', event: { n: 2 }, on_error: 'dead' });
  await k.call('kv-key-purge', { bucket: 'transform_scripts', key: 'gone' });
  expect(await k.call('transform-dead-replay', { script: 'return $' })).toMatchObject({
    events: [{ n: 2 }],
    replayed: 1,
    failed: 1,
    failures: [{ code: 'KEY_NOT_FOUND', key: expect.stringMatching(/^transform\.default\.gone\./) }],
  });
  expect(await k.fail('transform-dead-replay', {})).toMatchObject({ code: 'KEY_NOT_FOUND' });
});

test('transform dead letters - numbers beyond 2^53 stay as they were sent', async () => {
  await using k = accounts.join();
  await k.call('transform', {
    script: 'throw 1',
    ndjson: '{"id":9007199254740993}\n{"id":9007199254740995}',
    on_error: 'dead',
  });
  const kept = async () => {
    const list = (await k.call('transform-dead-list', {})) as unknown as TransformDeadListOutput;
    return list.letters.map(({ event }) => stringifyExact(event)).sort();
  };
  const sent = ['{"id":9007199254740993}', '{"id":9007199254740995}'];
  expect(await kept()).toEqual(sent);
  // Those that fail again keep their letters, and their event.
  expect(await k.call('transform-dead-replay', {})).toMatchObject({ failed: 2 });
  expect(await kept()).toEqual(sent);
});

test('transform dead letters - what is too large for NATS costs no call: it is kept compressed, or named without it', async () => {
  await using k = accounts.join();
  const list = async (script_id: string) =>
    (
      (await k.call('transform-dead-list', {
        namespace: 'shop',
        script_id,
      })) as unknown as TransformDeadListOutput
    ).letters;
  const long = 'a'.repeat(1_000_000);
  const call = { namespace: 'shop', on_error: 'dead' };
  const results = [
    { index: 0, outcome: 'error', count: 0, error: expect.objectContaining({ code: 'SCRIPT_ERROR' }) },
  ];
  const inline = { ...call, script: `throw 1 // ${long}`, event: { n: 1, long } };
  expect(await k.call('transform', inline)).toMatchObject({ results });
  const [whole] = await list('inline');
  expect(whole?.event).toEqual({ n: 1, long });
  expect(whole).not.toHaveProperty('left_out');
  const mended = { namespace: 'shop', script: 'return { n: $.n, size: $.long.length }' };
  expect(await k.call('transform-dead-replay', mended)).toMatchObject({
    events: [{ n: 1, size: 1_000_000 }],
  });

  // No compression makes these small.
  const noise = Array.from({ length: 25_000 }, (_, n) =>
    createHash('sha512').update(`${n}`).digest('base64'),
  ).join('');
  await k.call('transform-script-put', { script_id: 'fails', script: 'throw 1' });
  const stored = { ...call, script_id: 'fails' };
  expect(await k.call('transform', { ...stored, event: { noise } })).toMatchObject({ results });
  expect(await k.call('transform', { ...stored, event: { n: 2 }, variables: { noise } })).toMatchObject({
    results,
  });
  const cut = (await list('fails')).map(({ left_out, event }) => [left_out, event]);
  expect(cut.sort()).toEqual([
    ['event', {}],
    ['settings', { n: 2 }],
  ]);
  const replayed = (await k.call('transform-dead-replay', {
    namespace: 'shop',
  })) as unknown as TransformDeadReplayOutput;
  expect(replayed).toMatchObject({ events: [], replayed: 0, failed: 2 });
  expect(replayed.failures?.map(({ code, message }) => `${code} ${message}`).sort()).toEqual([
    expect.stringMatching(/^VALUE_TOO_LARGE The event was too large/),
    expect.stringMatching(/^VALUE_TOO_LARGE The script and the variables/),
  ]);
  expect(await k.call('transform-dead-drop', { namespace: 'shop' })).toMatchObject({ dropped: 2 });
});

test('transform dead letters - of a namespace are for those alone who may use it', async () => {
  await using k = accounts.join();
  await k.call('transform', { script: 'throw 1', event: {}, namespace: 'shop', on_error: 'dead' });
  const principal = { ...EVERYTHING, name: 'blog', namespaces: ['blog'], buckets: ['*'] };
  for (const name of ['transform-dead-list', 'transform-dead-replay', 'transform-dead-drop']) {
    expect(await k.fail(name, { namespace: 'shop' }, { principal })).toMatchObject({ code: 'FORBIDDEN' });
    expect(await k.fail(name, {}, { principal })).toMatchObject({ code: 'FORBIDDEN' });
    await k.call(name, { namespace: 'blog' }, { principal });
  }
  const { letters } = (await k.call('transform-dead-list', {
    namespace: 'shop',
  })) as unknown as TransformDeadListOutput;
  expect(letters).toHaveLength(1);
});
