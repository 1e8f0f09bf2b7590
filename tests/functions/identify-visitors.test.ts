/** Who is a visitor and who is none: anonymous ids of any text, those that name nobody, and robots. */
import { expect, test } from '@jest/globals';
import { encodeToken } from '../../runtime/recognition/keys.ts';
import { event } from '../support/identify.ts';
import { withMemory } from '../support/identify-memory.ts';

test('identify - tokens tell any two texts apart and are keys', () => {
  const texts = [
    '',
    '=',
    '.',
    '..',
    '*',
    '>',
    'a.b',
    'a=2Eb',
    'a b',
    '\0',
    'ü',
    '日本',
    '__proto__',
    '-',
    '_',
    '/',
  ];
  const long = ['x'.repeat(5_000), `${'x'.repeat(4_999)}y`, 'ü'.repeat(100), `${'ü'.repeat(99)}u`, '=='];
  const tokens = [...texts, ...long].map(encodeToken);
  expect(new Set(tokens).size).toBe(tokens.length);
  for (const token of tokens) expect(token).toMatch(/^[A-Za-z0-9_=-]{1,200}$/);
});

const HOSTILE = [
  'a.b.c',
  'a*',
  '>a',
  '$JS.API.>',
  'a b',
  'a\0b',
  'x\r\nPUB y',
  'ü日本🙂',
  '__proto__',
  'constructor',
  '{"a":1}',
  'x'.repeat(5_000),
  '../../a',
  "'; DROP TABLE events; --",
];

test.each(HOSTILE.map(id => [id.slice(0, 30), id]))(
  'identify - hostile anonymous id %j is one visitor and nobody else',
  async (_, visitor) => {
    await using k = await withMemory();
    await k.identify([event('e1', visitor), event('other', 'innocent')]);
    expect(await k.identify([event('e2', visitor, { id: 'u', email: 'e' })])).toMatchObject({ amended: 1 });
    expect(k.memory.row('events', 'e1')).toMatchObject({ user_id: 'u' });
    expect(k.memory.row('events', 'other')?.user_id).toBeUndefined();
    expect(await k.call('identify-undo', { anonymous_id: visitor })).toMatchObject({ restored: 1 });
  },
);

test('identify - half a surrogate pair, and an id that is a book, fail alone and say so', async () => {
  await using k = await withMemory();
  const answer = await k.identify([
    event('e1', 'bad \ud800'),
    event('e2', 'x'.repeat(5_001)),
    event('e3', 'v', { email: '\udc00' }),
    event('e4', 'v'),
  ]);
  expect(answer.failed.map(({ index, code }) => [index, code])).toEqual(
    [0, 1, 2].map(i => [i, 'INVALID_INPUT']),
  );
  expect(answer).toMatchObject({ loaded: 1, remembered: 1 });
});

test('identify - anonymous ids that name nobody are loaded and make no visitor of strangers', async () => {
  await using k = await withMemory();
  const nobodies = ['', 'null', 'undefined', '0', '00000000-0000-0000-0000-000000000000'];
  const answer = await k.identify(nobodies.map((id, i) => event(`e${i}`, id)));
  expect(answer).toMatchObject({ loaded: 5, remembered: 0, skipped: { blocked: 5 } });
});

test('identify - a zero however it is written names nobody, and what only looks like one does', async () => {
  await using k = await withMemory();
  const zeros = [
    '0.0',
    '-0',
    '+0',
    '-0.00',
    '.0',
    '0e0',
    '0.0E+00',
    '0x0',
    '0,0',
    '00:00',
    '(0)',
    '"0.0"',
    '{-0}',
    '<0>',
  ];
  expect(await k.identify(zeros.map((id, i) => event(`z${i}`, id)))).toMatchObject({
    loaded: zeros.length,
    remembered: 0,
    skipped: { blocked: zeros.length },
  });
  const ids = ['0.1', '-01', '0e462', '0x1', '0-0a', '(01)'];
  expect(await k.identify(ids.map((id, i) => event(`i${i}`, id)))).toMatchObject({ remembered: ids.length });
});

const SAYS_NOBODY = [
  '--',
  '…',
  '🙂',
  '👨‍👩‍👧',
  '***',
  '_',
  '\0',
  '\ufffd',
  'null\0',
  '\ufeffnull',
  '“null”',
  '„Null“',
  '«undefined»',
  '[[null]]',
  '\\"null\\"',
  '( "none" )',
  '["[object Object]"]',
  'ｎｕｌｌ',
  '٠٠٠',
  '०.०',
  '０',
  '𝟎',
  '「」',
];
const SAYS_SOMEBODY = ['_a', '…1', '🙂 7', '٠١٠', '०१', 'Ελένη', '日本', '“null', '[[nullable]]', '"0e462"'];

test('identify - without a letter or digit, and in any quotes and digits, what names nobody makes no visitor and no user', async () => {
  await using k = await withMemory();
  for (const [at, id] of SAYS_NOBODY.entries()) {
    const answer = await k.identify([event(`a${at}`, id), event(`b${at}`, `v${at}`, { email: id })]);
    expect([id, answer]).toMatchObject([id, { loaded: 2, remembered: 1, skipped: { blocked: 1 } }]);
  }
  const somebody = SAYS_SOMEBODY.map((id, at) => event(`s${at}`, id));
  expect(await k.identify(somebody)).toMatchObject({ remembered: SAYS_SOMEBODY.length });
});

test('identify - robots are loaded, never remembered and never amended', async () => {
  await using k = await withMemory();
  const bot = { ...event('bot', 'v'), user_agent: 'Mozilla/5.0 (compatible; CrawlBot)' };
  expect(await k.identify([bot])).toMatchObject({ loaded: 1, remembered: 0, skipped: { bots: 1 } });
  await k.identify([event('e2', 'v', { id: 'u', email: 'e' })]);
  expect(k.memory.row('events', 'bot')?.user_id).toBeUndefined();
  const counted = await k.identify([{ ...bot, event_id: 'b2' }], { skip_bots: false });
  expect(counted).toMatchObject({ remembered: 1, amended: 1 });
});
