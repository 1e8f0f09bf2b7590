/** An export with history and its import: values, what ended them, ttls, in order; over HTTP, and by pages while others write. */
import { expect, test } from '@jest/globals';
import type { ExportedRecord } from '../../contract/types.gen.ts';
import { EVERYTHING } from '../../runtime/core/principal.ts';
import { forAll } from '../support/for-all.ts';
import { startKvflow } from '../support/kvflow.ts';
import { serve } from '../support/served.ts';
import { bucketOf, madeBucket, SECOND } from './kv.ts';

const kvflow = forAll(startKvflow);
const served = forAll(() => serve(kvflow));

const exported = async (bucket: string, query = '') =>
  await (await fetch(`${served.url}/buckets/${bucket}/export?history=true${query}`)).text();

async function imported(bucket: string, body: string, query = 'create=true') {
  const response = await fetch(`${served.url}/buckets/${bucket}/import?${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body,
  });
  return (await response.json()) as { status_code: number; data?: object; error?: { message: string } };
}

/** What happened to keys, without the revisions, which are new in a copy. */
const shapeOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as ExportedRecord)
    .filter(({ key }) => key !== undefined)
    .map(({ key, value, operation, encoding }) => [key, operation ?? value, encoding]);

async function fill(name: string) {
  const bucket = await madeBucket(kvflow, name, { history: 4, key_ttl: true });
  await bucket.put('a', 'one');
  await bucket.put('b', '/wA=', { encoding: 'base64' });
  await bucket.put('a', 'two');
  await bucket.remove('a');
  await bucket.put('a', { x: 9007199254740993n.toString() });
  await bucket.put('gone', 'x');
  await bucket.remove('gone');
  await bucket.put('purged', 'x');
  await bucket.purge({ key: 'purged' });
  await bucket.put('short', 'before');
  await bucket.put('short', 'ends', { ttl: 3600 * SECOND });
  return bucket;
}

test('export with history - all that is kept comes in order and is written again as what it was', async () => {
  const from = await fill('whole');
  const text = await exported('whole');
  expect(shapeOf(text)).toEqual([
    ['a', 'one', undefined],
    ['b', '/wA=', 'base64'],
    ['a', 'two', undefined],
    ['a', 'delete', undefined],
    ['a', '{"x":"9007199254740993"}', undefined],
    ['gone', 'x', undefined],
    ['gone', 'delete', undefined],
    ['purged', 'purge', undefined],
    ['short', 'before', undefined],
    ['short', 'ends', undefined],
  ]);
  expect(await imported('whole-copy', text)).toMatchObject({ data: { imported: 10, failed: [] } });
  expect(shapeOf(await exported('whole-copy'))).toEqual(shapeOf(text));
  const [end, copied] = await Promise.all([from.get('short'), bucketOf(kvflow, 'whole-copy').get('short')]);
  const ends = [end.expires_at, copied.expires_at].map(at => Date.parse(at as string));
  expect(Math.abs((ends[0] as number) - (ends[1] as number))).toBeLessThan(1_000);
  const names = async (bucket: string) =>
    (await bucketOf(kvflow, bucket).history('a')).items.map(({ operation }) => operation);
  expect(await names('whole-copy')).toEqual(await names('whole'));
});

test.each([true, false])(
  'export, history %p - content type, metadata and who wrote come along; an import is by who imports',
  async history => {
    const [from, to] = [`about-${history}`, `about-${history}-copy`];
    const writer = { principal: { ...EVERYTHING, name: 'shop' }, by: { host: 'cron', flow: 'nightly' } };
    const by = { ...writer.by, key: 'shop' };
    const about = { content_type: 'image/png', metadata: { owner: 'Zoë 😀' } };
    await bucketOf(kvflow, from).create({ history: 4 });
    const put = { bucket: from, key: 'a', value: '/wA=', encoding: 'base64', ...about };
    await kvflow.call('kv-key-put', put, writer);
    await kvflow.call('kv-key-delete', { bucket: from, key: 'a' }, writer);
    await kvflow.call('kv-key-put', put, writer);
    await bucketOf(kvflow, from).put('nobody', 'x');
    const records = (text: string) =>
      text
        .split('\n')
        .flatMap(line => (line.startsWith('{"key"') ? (JSON.parse(line) as ExportedRecord) : []));
    const text = await (await fetch(`${served.url}/buckets/${from}/export?history=${history}`)).text();
    const past = [
      { key: 'a', value: '/wA=', ...about, by },
      { key: 'a', operation: 'delete', by },
    ];
    const found = records(text);
    expect(found).toMatchObject([...(history ? past : []), past[0], { key: 'nobody' }]);
    expect(found.at(-1)).not.toHaveProperty('by');
    const { header, history_of } = await bucketOf(kvflow, from).export({ history });
    await bucketOf(kvflow, to).create(header?.options);
    const importer = { principal: { ...EVERYTHING, name: 'night' } };
    const input = { bucket: to, records: found, ...(history && { history_of }) };
    expect(await kvflow.call('kv-bucket-import', input, importer)).toMatchObject({ imported: found.length });
    const copied = (await bucketOf(kvflow, to).export({ history })).records;
    expect(copied).toMatchObject(found.map(record => ({ key: record.key, by: { key: 'night' } })));
    expect(copied.filter(({ key }) => key === 'a').at(-1)).toMatchObject(about);
  },
);

test('import with history - goes on where it broke off, and again writes nothing', async () => {
  await fill('twice');
  const text = await exported('twice');
  const cut = text.split('\n').slice(0, 5).join('\n');
  expect(await imported('twice-copy', cut)).toMatchObject({
    status_code: 400,
    error: { message: expect.stringMatching(/no end line.* 4 items were imported/) },
  });
  expect(await imported('twice-copy', text)).toMatchObject({ data: { imported: 6, skipped: 4 } });
  expect(await imported('twice-copy', text)).toMatchObject({ data: { imported: 0, skipped: 10 } });
  expect(shapeOf(await exported('twice-copy'))).toEqual(shapeOf(text));
});

const body = (...files: string[]) => files.join('');

test('import with history - what comes again in one body or one call is written once', async () => {
  const from = await madeBucket(kvflow, 'joined', { history: 8 });
  await from.put('a', 'v0');
  await from.put('a', 'v1');
  const first = await exported('joined');
  await from.put('a', 'v2');
  const second = await exported('joined');
  const whole = shapeOf(second);
  const cut = `${first.split('\n').slice(0, 3).join('\n')}\n`;
  const [, , last] = (await from.export({ history: true })).records;
  const after = await exported('joined', `&after=${(last?.revision as number) - 2}`);
  const files = [body(first, second), body(cut, after), body(second, second), body(cut.slice(0, -5), second)];
  for (const [index, text] of files.entries()) {
    for (const on_conflict of ['skip', 'overwrite', 'fail']) {
      const copy = `joined-${index}-${on_conflict}`;
      const answer = await imported(copy, text, `create=true&on_conflict=${on_conflict}`);
      expect([index, on_conflict, answer]).toMatchObject([index, on_conflict, { data: { imported: 3 } }]);
      expect(shapeOf(await exported(copy))).toEqual(whole);
    }
  }
  const { header, history_of, records } = await from.export({ history: true });
  await madeBucket(kvflow, 'joined-call', header?.options);
  const input = { bucket: 'joined-call', records: [...records, ...records], history_of };
  expect(await kvflow.call('kv-bucket-import', input)).toMatchObject({ imported: 3, skipped: 3 });
  expect(shapeOf(await exported('joined-call'))).toEqual(whole);
});

test('import - what was written again before an export went on is newer, and nothing meets itself', async () => {
  const from = await madeBucket(kvflow, 'went-on');
  for (const key of ['a', 'b', 'c']) await from.put(key, 'old');
  const whole = await (await fetch(`${served.url}/buckets/went-on/export`)).text();
  const lines = whole.split('\n').slice(0, 3);
  await from.put('a', 'new');
  await from.put('d', 'new');
  const rest = await (await fetch(`${served.url}/buckets/went-on/export?after=2`)).text();
  for (const on_conflict of ['skip', 'overwrite', 'fail']) {
    const copy = `went-on-${on_conflict}`;
    const answer = await imported(
      copy,
      body(lines.join('\n'), '\n', rest),
      `create=true&on_conflict=${on_conflict}`,
    );
    expect([on_conflict, answer]).toMatchObject([on_conflict, { data: { imported: 4, skipped: 1 } }]);
    const { items } = await bucketOf(kvflow, copy).getMany(['a', 'b', 'c', 'd']);
    expect(items.map(({ value }) => value)).toEqual(['new', 'old', 'old', 'new']);
  }
  // An editor took the line break at its end.
  expect(await imported('went-on-joined', body(whole.trimEnd(), whole))).toMatchObject({
    data: { imported: 3, skipped: 3 },
  });
});

test('import - exports of two buckets in one body go by their own headers', async () => {
  for (const name of ['side-a', 'side-b']) {
    const bucket = await madeBucket(kvflow, name, { history: 3 });
    await bucket.put(name, 'old');
    await bucket.put(name, 'new');
  }
  const text = body(await exported('side-a'), await exported('side-b'));
  expect(await imported('sides', text)).toMatchObject({ data: { imported: 4, failed: [] } });
  expect(await imported('sides', await exported('side-b'), '')).toMatchObject({ data: { skipped: 2 } });
});

test('import with history - a key that has something else is kept, replaced or told', async () => {
  await fill('clash');
  const text = await exported('clash');
  const copy = await madeBucket(kvflow, 'clash-copy', { history: 4, key_ttl: true });
  await copy.put('a', 'mine');
  expect(await imported('clash-copy', text, 'on_conflict=fail')).toMatchObject({
    status_code: 409,
    error: { message: expect.stringContaining('Key "a" exists already') },
  });
  expect((await copy.list()).items.map(({ key }) => key)).toEqual(['a']);
  expect(await imported('clash-copy', text)).toMatchObject({ data: { imported: 6, skipped: 4 } });
  expect((await copy.history('a')).items).toHaveLength(1);
  expect(await imported('clash-copy', text, 'on_conflict=overwrite')).toMatchObject({
    data: { imported: 4, skipped: 6 },
  });
  const history = await copy.history('a');
  expect(history.items.map(({ value, operation }) => value ?? operation)).toEqual([
    'one',
    'two',
    'delete',
    '{"x":"9007199254740993"}',
  ]);
});

test('import with history - what has ended meanwhile is imported as its end', async () => {
  const from = await madeBucket(kvflow, 'ended', { history: 4, key_ttl: true });
  await from.put('k', 'old');
  await from.put('k', 'short', { ttl: 3_600 * SECOND });
  await from.put('other', 'x', { ttl: 3_600 * SECOND });
  const { records, history_of } = await from.export({ history: true });
  expect(records.map(({ value }) => value)).toEqual(['old', 'short', 'x']);
  // By the time they are imported they have ended.
  const ended = records.map(({ by: _by, ...record }) => ({
    ...record,
    ...(record.expires_at && { expires_at: new Date(Date.parse(record.created_at) + 1).toISOString() }),
  }));
  const copy = await madeBucket(kvflow, 'ended-copy', { history: 4, key_ttl: true });
  expect(await copy.import(ended, { history_of })).toMatchObject({ imported: 1, expired: 2, failed: [] });
  expect(shapeOf(await exported('ended-copy'))).toEqual([
    ['k', 'old', undefined],
    ['k', 'expire', undefined],
  ]);
  expect(await kvflow.fail('kv-key-get', { bucket: 'ended-copy', key: 'k' })).toMatchObject({
    details: { operation: 'expire' },
  });
});

test('export with history - pages hold each revision once, while others write and after any of them', async () => {
  const bucket = await madeBucket(kvflow, 'pages', { history: 3 });
  for (let round = 0; round < 3; round++)
    await bucket.putMany(Array.from({ length: 200 }, (_, i) => ({ key: `k.${i}`, value: `${round}` })));
  const seen: number[] = [];
  const latest = new Map<string, string>();
  let after = 0;
  for (let more = true, page = 0; more; page++) {
    const answer = await bucket.export({ history: true, after, limit: 70 });
    for (const { key, value = '', revision } of answer.records) {
      seen.push(revision);
      latest.set(key, value);
    }
    after = answer.next;
    more = answer.has_more;
    if (page < 5)
      await bucket.putMany(Array.from({ length: 40 }, (_, i) => ({ key: `k.${i * 5}`, value: `w${page}` })));
  }
  expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
  expect([...latest]).toHaveLength(200);
  for (let i = 0; i < 200; i++) expect(latest.get(`k.${i}`)).toBe(i % 5 === 0 ? 'w4' : '2');
  const part = await exported('pages', '&filter=k.1&after=1');
  expect(JSON.parse(part.split('\n')[0] as string)).toMatchObject({ kvflow_export: 2, bucket: 'pages' });
  expect(await imported('pages-part', part, '')).toMatchObject({ status_code: 404 });
  await bucketOf(kvflow, 'pages-part').create({ history: 3 });
  expect(await imported('pages-part', part, '')).toMatchObject({ data: { imported: 3 } });
});

test.each([
  ['an end without its history', { key: 'a', operation: 'delete', revision: 1 }, {}, '/records/0/operation'],
  ['neither a value nor an end', { key: 'a', revision: 1 }, { history_of: 'b.1' }, '/records/0/value'],
])('import - %s is refused by name', async (_what, record, more, pointer) => {
  await bucketOf(kvflow, 'refused').create();
  const answer = await kvflow.fail('kv-bucket-import', { bucket: 'refused', records: [record], ...more });
  expect(answer).toMatchObject({ code: 'INVALID_INPUT', errors: [{ pointer }] });
});

test('import with history - a bucket without transactions and one without history take it too', async () => {
  await fill('plainly');
  const text = await exported('plainly');
  await madeBucket(kvflow, 'plain', { history: 4, transactions: false });
  expect(await imported('plain', text)).toMatchObject({ data: { imported: 9, failed: [{ line: 11 }] } });
  expect(shapeOf(await exported('plain'))).toEqual(shapeOf(text).slice(0, 9));
  await bucketOf(kvflow, 'latest').create({ key_ttl: true });
  expect(await imported('latest', text)).toMatchObject({ data: { imported: 10 } });
  expect(shapeOf(await exported('latest'))).toHaveLength(5);
});
