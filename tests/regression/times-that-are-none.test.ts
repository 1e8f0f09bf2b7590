/** Times that RFC 3339 can write and no clock that counts from 1970 has, or whose year has five digits in UTC, answered INTERNAL. */
import { expect, test } from '@jest/globals';
import { startKvflow } from '../support/kvflow.ts';

const bucket = 'times';
const TIMES = [
  '9999-12-31T23:59:60Z',
  '2016-12-31T23:59:60Z',
  '9999-12-31T23:59:59-00:01',
  '0000-01-01T00:00:00+00:01',
  '2026-01-31T12:00:00+05',
];

test('times - one that is no moment is told at its field, wherever a function takes a time', async () => {
  await using k = await startKvflow();
  await k.call('kv-bucket-create', { bucket, key_ttl: true });
  const record = { key: 'a', value: 'x', revision: 1 };
  for (const time of TIMES) {
    const inputs = [
      ['kv-bucket-import', { bucket, records: [{ ...record, expires_at: time }] }, '/records/0/expires_at'],
      ['kv-bucket-import', { bucket, records: [{ ...record, created_at: time }] }, '/records/0/created_at'],
      ['kv-key-put', { bucket, key: 'a', value: 'x', at: time }, '/at'],
      ['kv-bucket-restore-at', { bucket, at: time }, '/at'],
    ] as const;
    for (const [name, input, pointer] of inputs) {
      const answer = await k.invoke(name, input);
      expect(answer).toMatchObject({ error: { code: 'INVALID_INPUT', errors: [{ pointer }] } });
    }
  }
  const last = '9999-12-31T23:59:59.999Z';
  const { failed } = await k.call('kv-bucket-import', { bucket, records: [{ ...record, expires_at: last }] });
  expect(failed).toMatchObject([{ error: { code: 'INVALID_INPUT' } }]);
}, 60_000);
