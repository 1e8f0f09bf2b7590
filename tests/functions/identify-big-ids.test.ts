import { expect, test } from '@jest/globals';
import { parseExact } from '../../contract/exact-json.ts';
import { page, startRule } from '../support/identify-rule.ts';

test.each(['1234567890123456789', '9007199254740993'])(
  'rule - a row that names its user by a whole number as large as %s gets what is known of the user, after another one too',
  async id => {
    await using k = await startRule();
    await k.identify([page('0', { id: 5 })]);
    await k.identify([named('1', id)]);
    await k.identify([page('2', { email: 'e@x' })]);
    expect(k.rows('0', '1', '2')).toEqual(['0 5 -', `1 ${id} e@x`, `2 ${id} e@x`]);
  },
);

test.each(['fill', 'overwrite'])('rule - and after an undo, with %s', async conflict => {
  await using k = await startRule();
  await k.identify([page('0')], { conflict });
  await k.identify([named('1', '1234567890123456789')], { conflict });
  await k.identify([page('2', { email: 'a@x' })], { conflict });
  await k.call('identify-undo', { anonymous_id: 'v' });
  await k.identify([named('3', '1234567890123456793')], { conflict });
  await k.identify([page('4', { email: 'r@x' })], { conflict });
  const [first, , , third, fourth] = k.rows('0', '1', '2', '3', '4');
  expect([first, third, fourth]).toEqual(['0', '3', '4'].map(row => `${row} 1234567890123456793 r@x`));
});

/** An event that names its user by a number of all these digits. */
function named(id: string, digits: string): never {
  return parseExact(JSON.stringify(page(id, { id: 'ID' })).replace('"ID"', digits)) as never;
}
