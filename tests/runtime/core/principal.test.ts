import { expect, test } from '@jest/globals';
import { OWN_BUCKETS } from '../../../contract/own-buckets.ts';
import { mayUseBucket } from '../../../runtime/core/principal.ts';

const own = [...Object.keys(OWN_BUCKETS), 'kvflow_later'];
const who = (...buckets: string[]) => ({ name: 'k', functions: ['*'], buckets, readOnly: false });

test.each(own)('principal - %s is covered by * or its whole name, by no other pattern', bucket => {
  const patterns = ['**', '*_*', `${bucket}*`, `*${bucket}`, `${bucket.slice(0, -1)}*`, 'transform_*', 'k*'];
  expect(mayUseBucket(who(...patterns), bucket)).toBe(false);
  expect(mayUseBucket(who(bucket), bucket)).toBe(true);
  expect(mayUseBucket(who('*'), bucket)).toBe(true);
});

test.each([
  ['team-*', 'team-a', true],
  ['team-*', 'team-', true],
  ['team-*', 'a-team-b', false],
  ['*-team', 'a-team', true],
  ['a*b*c', 'a-b-c', true],
  ['a*b*c', 'a-c-b', false],
  ['aa*aa', 'aaa', false],
  ['.*', 'x', false],
])('principal - %s and bucket %s: %s', (pattern, bucket, may) => {
  expect(mayUseBucket(who(pattern), bucket)).toBe(may);
});
