import { expect, test } from '@jest/globals';
import { calls } from '../support/calls.ts';
import { eventually } from '../support/eventually.ts';
import { joinNats, startKvflow } from '../support/kvflow.ts';
import { startNats } from '../support/nats.ts';
import { whileAlive } from '../support/while-alive.ts';
import { startWithOfficial } from '../support/with-official.ts';

const bucket = 'b';
const MIB = 1024 * 1024;
const HINT =
  'A bare number, boolean or null cannot be stored: wrap it in an object such as {"value": 42}, or turn it into text such as "42"';

const TEXTS: Record<string, string> = {
  'an empty string': '',
  'a space': ' ',
  unicode: 'Größe 東京 🦜 é',
  'a NUL': 'a\u0000b',
  'line ends': 'a\r\nb\n',
  'text like JSON': '{"a": 1 }',
  'text like a protocol line': 'PUB $KV.b.x 5\r\nhello\r\n+OK',
  'a byte order mark': '\ufeffx',
  '1 MiB': 'x'.repeat(MIB),
  '1 MiB of emoji': '🦜'.repeat(MIB / 4),
};

for (const [what, value] of Object.entries(TEXTS)) {
  test(`kv-key-put - ${what} is read back as it was put`, async () => {
    await using k = await startKvflow();
    await calls.create(k, { bucket });
    await calls.put(k, { bucket, key: 'a', value });
    const read = await calls.get(k, { bucket, key: 'a' });
    expect(read.value === value).toBe(true);
    expect(read.encoding).toBeUndefined();
    expect((await calls.list(k, { bucket })).items[0]?.value === value).toBe(true);
  });
}

test('kv-key-put - objects and arrays are stored as JSON text and parsed on demand', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket });
  const value = { 'a b': [1, 2.5, null, true, { ü: '🦜' }], empty: {} };
  await calls.put(k, { bucket, key: 'object', value });
  await calls.put(k, { bucket, key: 'array', value: [1, 2, 3, 4] });
  const raw = await calls.get(k, { bucket, key: 'object' });
  expect(raw.value).toBe(JSON.stringify(value));
  expect((await calls.get(k, { bucket, key: 'object', json: false })).value).toBe(raw.value);
  expect((await calls.get(k, { bucket, key: 'object', json: true })).value).toEqual(value);
  expect((await calls.get(k, { bucket, key: 'array', json: true })).value).toEqual([1, 2, 3, 4]);
});

test('kv-key-get - json true on a text that is no JSON says so', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket });
  for (const [key, value] of Object.entries({ text: 'Hello', empty: '', half: '{"a":' })) {
    await calls.put(k, { bucket, key, value });
    const error = await k.fail('kv-key-get', { bucket, key, json: true });
    expect(error).toMatchObject({ status_code: 422, code: 'INVALID_JSON_VALUE' });
    expect(error.message).toContain('json: false');
  }
  await calls.put(k, { bucket, key: 'number', value: '42' });
  expect((await calls.get(k, { bucket, key: 'number', json: true })).value).toBe(42);
});

for (const value of [42, 0, true, false, null]) {
  test(`kv-key-put - a bare ${value} is refused with what to do instead`, async () => {
    await using k = await startKvflow();
    await calls.create(k, { bucket });
    const error = await k.fail('kv-key-put', { bucket, key: 'a', value });
    expect(error).toMatchObject({
      status_code: 400,
      code: 'INVALID_INPUT',
      errors: [{ pointer: '/value', message: `must be string or object or array. ${HINT}` }],
    });
    expect((await k.fail('kv-key-get', { bucket, key: 'a' })).code).toBe('KEY_NOT_FOUND');
  });
}

test('kv-key-put - base64 stores the bytes, which any client reads', async () => {
  await using k = await startWithOfficial();
  await calls.create(k, { bucket });
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  await calls.put(k, { bucket, key: 'all', value: bytes.toString('base64'), encoding: 'base64' });
  const stored = await (await k.official.kvm.open(bucket)).get('all');
  expect(Buffer.from(stored?.value ?? []).equals(bytes)).toBe(true);
  const read = await calls.get(k, { bucket, key: 'all' });
  expect(read).toMatchObject({ value: bytes.toString('base64'), encoding: 'base64' });
  // Bytes that are UTF-8 come back as the text they are.
  await calls.put(k, { bucket, key: 'text', value: Buffer.from('ü').toString('base64'), encoding: 'base64' });
  const text = await calls.get(k, { bucket, key: 'text' });
  expect([text.value, text.encoding]).toEqual(['ü', undefined]);
});

for (const value of ['a', 'a*b=', 'aGk', 'aGk=', 'aGk==', 'aG k', '-_-_', { a: 1 }]) {
  const good = value === 'aGk' || value === 'aGk=';
  test(`kv-key-put - ${JSON.stringify(value)} is ${good ? '' : 'no '}base64`, async () => {
    await using k = await startKvflow();
    await calls.create(k, { bucket });
    const input = { bucket, key: 'a', value, encoding: 'base64' } as const;
    if (good) {
      await calls.put(k, input);
      expect((await calls.get(k, { bucket, key: 'a' })).value).toBe('hi');
    } else {
      const error = await k.fail('kv-key-put', input);
      expect(error).toMatchObject({ code: 'INVALID_INPUT', errors: [{ pointer: '/value' }] });
    }
  });
}

test('kv-key-put - a value of max_value_size fits, one byte more does not', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket, max_value_size: 100 });
  await calls.put(k, { bucket, key: 'a', value: 'x'.repeat(100) });
  const error = await k.fail('kv-key-put', { bucket, key: 'a', value: 'y'.repeat(101) });
  expect(error).toMatchObject({
    status_code: 413,
    code: 'VALUE_TOO_LARGE',
    retryable: false,
    details: { size: 101, max_value_size: 100 },
  });
  // Bytes count, not characters.
  expect((await k.fail('kv-key-put', { bucket, key: 'a', value: 'ü'.repeat(51) })).code).toBe(
    'VALUE_TOO_LARGE',
  );
  expect((await calls.get(k, { bucket, key: 'a' })).value).toBe('x'.repeat(100));
});

test('kv-key-put - a value of max_payload fits, one byte more is refused and the connection lives on', async () => {
  await using server = await startNats({ extra: 'max_payload: 5000' });
  await using k = joinNats({ servers: [server.url] });
  await calls.create(k, { bucket });
  await calls.put(k, { bucket, key: 'a', value: 'x'.repeat(5_000) });
  const over = { bucket, key: 'a', value: 'y'.repeat(5_001) };
  const error = await k.fail('kv-key-put', over);
  expect(error).toMatchObject({
    status_code: 413,
    code: 'VALUE_TOO_LARGE',
    details: { size: 5_001, max_value_size: 5_000 },
  });
  // The header of a conditional write leaves less room.
  const conditional = await k.fail('kv-key-put', {
    bucket,
    key: 'b',
    value: 'x'.repeat(5_000),
    expected_revision: 0,
  });
  expect(conditional).toMatchObject({ status_code: 413, code: 'VALUE_TOO_LARGE' });
  expect((await calls.get(k, { bucket, key: 'a' })).value).toBe('x'.repeat(5_000));
});

test('kv-key-get - a revision of the key is read, another key’s is not', async () => {
  await using k = await startWithOfficial();
  await calls.create(k, { bucket, history: 3 });
  const kv = await k.official.kvm.open(bucket);
  await calls.put(k, { bucket, key: 'a', value: '1' });
  await calls.put(k, { bucket, key: 'b', value: '2' });
  await calls.put(k, { bucket, key: 'a', value: '3' });
  await kv.delete('a');
  expect(await calls.get(k, { bucket, key: 'a', revision: 1 })).toMatchObject({ value: '1', revision: 1 });
  expect(await calls.get(k, { bucket, key: 'a', revision: 3 })).toMatchObject({ value: '3', revision: 3 });
  const gone = await k.fail('kv-key-get', { bucket, key: 'a' });
  expect(gone).toMatchObject({ status_code: 404, code: 'KEY_NOT_FOUND', details: { operation: 'delete' } });
  expect(Date.parse(String(gone.details?.deleted_at))).toBeGreaterThan(0);
  for (const revision of [2, 4, 99]) {
    expect((await k.fail('kv-key-get', { bucket, key: 'a', revision })).code).toBe('KEY_NOT_FOUND');
  }
});

test('kv-key-get - never written, deleted, purged and expired keys are not found, with when and why if known', async () => {
  await using k = await startWithOfficial();
  await calls.create(k, { bucket, key_ttl: true });
  const kv = await k.official.kvm.open(bucket);
  for (const key of ['deleted', 'purged']) await kv.put(key, 'x');
  await kv.delete('deleted');
  await kv.purge('purged');
  const why = async (key: string) => (await k.fail('kv-key-get', { bucket, key })).details;
  expect(await why('never')).toBeUndefined();
  expect(await why('deleted')).toMatchObject({ operation: 'delete' });
  expect(await why('purged')).toMatchObject({ operation: 'purge' });
  // For a second the value is stored still, though nobody reads it.
  const expired = await whileAlive(900, async ms => {
    const [key, sent] = [`expired.${ms}`, performance.now()];
    const { revision, expires_at } = await calls.put(k, { bucket, key, value: 'x', ttl: (ms / 4) * 1e6 });
    const took = performance.now() - sent;
    const ended = await eventually(async () => await why(key));
    expect(ended).toMatchObject({ operation: 'expire' });
    const later = Date.parse(String(ended?.deleted_at)) - Date.parse(expires_at ?? '');
    expect(Math.abs(later)).toBeLessThan(took + 100);
    return { key, revision };
  });
  // Later it is the server's own marker that says so.
  await eventually(async () => {
    expect((await kv.get(expired.key))?.revision).not.toBe(expired.revision);
    expect(await why(expired.key)).toMatchObject({ operation: 'expire' });
  });
});
