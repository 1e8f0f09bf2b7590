import { expect, test } from '@jest/globals';
import { takeSubjects } from '../../../runtime/nats/subject-counts.ts';

const info = (subjects: object) =>
  JSON.stringify({
    total: 3,
    config: { subjects: ['$KV.b.>'], metadata: { a: '"subjects":{' } },
    state: { subjects, last_seq: 9 },
  });

test('subject-counts - subjects are taken out, the rest stays as it is', () => {
  const taken = takeSubjects(info({ '$KV.b.a': 1, '$KV.b.x/=}],{': 20, '$KV.b.日本': 3 }));
  expect(taken?.subjects).toEqual(['$KV.b.a', '$KV.b.x/=}],{', '$KV.b.日本']);
  expect(taken?.rest).toBe(info({}));
});

test.each([
  ['an escape in a subject', info({ 'a"b': 1 })],
  ['a backslash at its end', info({ 'a\\': 1 })],
  ['none', JSON.stringify({ state: {} })],
  ['an empty list of them', info({})],
  ['an error', JSON.stringify({ error: { code: 404, err_code: 10_059, description: 'stream not found' } })],
  ['spaces', '{"state":{"subjects":{ "a": 1 }}}'],
  ['an answer that was cut off', info({ a: 1 }).slice(0, -30)],
])('subject-counts - with %s it has to be parsed', (_, json) => {
  expect(takeSubjects(json)).toBeUndefined();
});
