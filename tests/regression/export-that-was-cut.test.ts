/** An export that is not what was written is no restored bucket; lines that cannot be placed are named. */
import { beforeAll, expect, test } from '@jest/globals';
import { forAll } from '../support/for-all.ts';
import { startKvflow } from '../support/kvflow.ts';
import { serve } from '../support/served.ts';

let lines: string[];

const kvflow = forAll(startKvflow);
const served = forAll(() => serve(kvflow));

beforeAll(async () => {
  await kvflow.call('kv-bucket-create', { bucket: 'src' });
  for (let i = 0; i < 5; i++)
    await kvflow.call('kv-key-put', { bucket: 'src', key: `k${i}`, value: `v${i}` });
  const text = await (await fetch(`${served.url}/buckets/src/export`)).text();
  lines = text.trimEnd().split('\n');
});

let copies = 0;

async function importOf(body: string[] | Buffer) {
  const response = await fetch(`${served.url}/buckets/copy-${copies++}/import?create=true`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: Array.isArray(body) ? `${body.join('\n')}\n` : body,
  });
  return (await response.json()) as { status_code: number; data?: object; error?: object };
}

test('import - a whole export is taken, also with the line ends of Windows', async () => {
  expect(await importOf(lines)).toMatchObject({ status_code: 200, data: { imported: 5, failed: [] } });
  const windows = await importOf(lines.map(line => `${line}\r`));
  expect(windows).toMatchObject({ status_code: 200, data: { imported: 5 } });
});

test.each<[what: string, change: (lines: string[]) => string[], message: RegExp]>([
  ['is cut before its end', all => all.slice(0, 4), /no end line.* 3 items were imported/],
  [
    'is cut within a line',
    all => [...all.slice(0, 3), (all[3] ?? '').slice(0, 12)],
    /line 4 is no JSON object.* 2 items were imported/,
  ],
  ['lacks a line in its middle', all => all.toSpliced(2, 1), /5 records and 4 of them are there/],
  ['has a value that was changed', all => all.with(2, (all[2] ?? '').replace('v1', 'v9')), /were altered/],
  [
    'ends with an error',
    all => [...all.slice(0, 3), '{"status_code":503,"error":{"code":"UNAVAILABLE"}}'],
    /UNAVAILABLE/,
  ],
  ['has a line twice', all => all.toSpliced(2, 0, all[2] ?? ''), /5 records and 6 of them are there.*twice/],
  ['has its last line twice', all => all.toSpliced(5, 0, all[5] ?? ''), /twice/],
  ['has a line of another', all => all.toSpliced(5, 0, '{"key":"x","value":"1"}'), /were added/],
  ['has a line behind its end', all => [...all, all[1] ?? ''], /follow the end line/],
  ['has its end twice', all => [...all, all.at(-1) ?? ''], /follow the end line/],
  ['has its header twice', all => [all[0] ?? '', ...all], /second header/],
  ['has lines before its header', all => [all[1] ?? '', ...all], /before the header/],
  ['is joined with another behind a cut', all => [...all.slice(0, 4), ...all], /second header/],
  ['is joined with one that was cut', all => [...all, ...all.slice(0, 4)], /no end line/],
  ['is joined with one that was altered', all => [...all, ...all.toSpliced(2, 1)], /lines are missing/],
  ['is joined with one without a header', all => [...all, ...all.slice(1)], /follow the end line/],
  ['has a form of later', all => all.with(0, '{"kvflow_export":2,"bucket":"x"}'), /reads form 1/],
])('import - an export that %s is an error that says how far it got', async (_what, change, message) => {
  const answer = await importOf(change(lines));
  expect(answer).toMatchObject({
    status_code: 400,
    error: { code: 'INVALID_INPUT', message: expect.stringMatching(message) },
  });
});

test('import - lines without a key are named, lines of one’s own need no end line, and an older end line is fine', async () => {
  await kvflow.call('kv-bucket-create', { bucket: `copy-${copies}` });
  expect(
    await importOf(['{"name":"a","value":"1"}', '{"key":"b","value":"2"}', '{"Key":"c"}']),
  ).toMatchObject({
    data: { imported: 1, failed: [{ line: 1, error: { code: 'INVALID_INPUT' } }, { line: 3 }] },
  });
  const { sha256: _sum, ...end } = JSON.parse(lines.at(-1) ?? '') as { sha256: string };
  expect(await importOf([...lines.slice(0, -1), JSON.stringify(end)])).toMatchObject({
    data: { imported: 5 },
  });
});

test.each([
  ['has no value', '{"key":"c"}', '/value'],
  ['has an empty key', '{"key":"","value":"x"}', '/key'],
  ['has a time that is none', '{"key":"c","value":"x","expires_at":"soon"}', '/expires_at'],
  ['is of a history', '{"key":"c","operation":"delete"}', '/operation'],
])('import - a line that %s stops nothing before it', async (_what, line, pointer) => {
  const bucket = `copy-${copies}`;
  await kvflow.call('kv-bucket-create', { bucket });
  expect(await importOf(['{"key":"a","value":"x"}', '{"key":"b","value":"x"}', line])).toMatchObject({
    status_code: 400,
    error: {
      code: 'INVALID_INPUT',
      message: expect.stringMatching(/^line 3: .* 2 items were imported/),
      errors: [{ pointer }],
      details: { line: 3, imported: 2 },
    },
  });
  expect(await kvflow.call('kv-key-list', { bucket })).toMatchObject({
    items: [{ key: 'a' }, { key: 'b' }],
  });
});

test('import - how far it got is told of all batches, whatever ends it', async () => {
  const bucket = `copy-${copies}`;
  await kvflow.call('kv-bucket-create', { bucket });
  const many = Array.from({ length: 1_100 }, (_, index) => `{"key":"k.${index}","value":"x"}`);
  await kvflow.call('kv-key-put', { bucket, key: 'k.1050', value: 'mine' });
  const response = await fetch(`${served.url}/buckets/${bucket}/import?on_conflict=fail`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: many.join('\n'),
  });
  expect(await response.json()).toMatchObject({
    status_code: 409,
    error: { message: expect.stringMatching(/1000 items were imported/), details: { imported: 1_000 } },
  });
  copies += 1;
});

test('import - what is no UTF-8 is not taken as other characters, and nothing at all is no import', async () => {
  const bytes = Buffer.from('{"key":"a","value":"x"}\n{"key":"b","value":"\xff"}\n', 'latin1');
  const bucket = `copy-${copies}`;
  await kvflow.call('kv-bucket-create', { bucket });
  expect(await importOf(bytes)).toMatchObject({
    status_code: 400,
    error: {
      code: 'INVALID_INPUT',
      message: expect.stringMatching(/line 2 is not UTF-8 text.* 1 items were imported/),
      details: { imported: 1, failed: [] },
    },
  });
  expect(await kvflow.call('kv-key-get', { bucket, key: 'a' })).toMatchObject({ value: 'x' });
  expect(await importOf(Buffer.alloc(0))).toMatchObject({ status_code: 400 });
});

test('import - what broke off and what went on, one after the other, are whole', async () => {
  const { revision } = JSON.parse(lines[3] ?? '') as { revision: number };
  const rest = await (await fetch(`${served.url}/buckets/src/export?after=${revision}`)).text();
  expect(await importOf([...lines.slice(0, 4), ...rest.trimEnd().split('\n')])).toMatchObject({
    status_code: 200,
    data: { imported: 5 },
  });
});

test('import - whole exports, one behind the other, are each checked and taken', async () => {
  await kvflow.call('kv-bucket-create', { bucket: 'other' });
  await kvflow.call('kv-key-put', { bucket: 'other', key: 'o', value: '1' });
  const other = (await (await fetch(`${served.url}/buckets/other/export`)).text()).trimEnd().split('\n');
  const body = [...lines, '', ...other];
  expect(await importOf(body)).toMatchObject({ status_code: 200, data: { imported: 6, failed: [] } });
});
