import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { CallFunction } from '../../../runtime/core/bulk-call.ts';
import { exportLines } from '../../../runtime/core/bulk-export.ts';
import { importLines } from '../../../runtime/core/bulk-import.ts';
import { transformLines } from '../../../runtime/core/bulk-transform.ts';
import { success } from '../../../runtime/core/envelope.ts';
import type { RawLines } from '../../../runtime/core/scripts.ts';

const PAGES = 1_000;
const PAGE = 1_000;

test('export - a million items are never more than one page ahead of the reader', async () => {
  let fetched = 0;
  const call: CallFunction = async () => {
    fetched += 1;
    const records = [
      { key: `k.${fetched}`, value: 'x', revision: fetched, created_at: '2026-01-31T12:00:00.000Z' },
    ];
    return success({ records, next: fetched * PAGE, has_more: fetched < PAGES });
  };
  let read = 0;
  let ahead = 0;
  for await (const _chunk of exportLines(call, { bucket: 'b', after: 1 })) {
    read += 1;
    await new Promise(setImmediate); // A page that is fetched meanwhile has come.
    ahead = Math.max(ahead, fetched - read);
  }
  expect(read).toBe(PAGES);
  expect(ahead).toBe(1);
});

test('import - a million lines are never more than one batch ahead of the store', async () => {
  let read = 0;
  let stored = 0;
  let held = 0;
  async function* lines() {
    for (; read < PAGES * PAGE; ) {
      read += 1;
      held = Math.max(held, read - stored);
      yield `{"key":"k.${read}","value":"x"}`;
    }
  }
  const call: CallFunction = async (_name, input) => {
    const { records } = input as { records: unknown[] };
    stored += records.length;
    return success({ imported: records.length, skipped: 0, expired: 0, failed: [] });
  };
  expect(await importLines(call, lines(), { bucket: 'b' })).toMatchObject({
    imported: PAGES * PAGE,
    failed: [],
  });
  expect(held).toBe(PAGE);
});

test('import - of long lines a few are held, whatever a page of them may have', async () => {
  let read = 0;
  let stored = 0;
  let held = 0;
  const value = 'x'.repeat(600_000);
  async function* lines() {
    for (; read < 200; ) {
      read += 1;
      held = Math.max(held, read - stored);
      yield `{"key":"k.${read}","value":"${value}"}`;
    }
  }
  const call: CallFunction = async (_name, input) => {
    const { records } = input as { records: unknown[] };
    stored += records.length;
    return success({ imported: records.length, skipped: 0, expired: 0, failed: [] });
  };
  await importLines(call, lines(), { bucket: 'b' });
  // A request's worth of them, and those that are handed on together.
  expect(held).toBeLessThanOrEqual(20);
});

test('import - three batches are stored at once, but never two of one key; what failed is told when all is done', async () => {
  const under: Set<string>[] = [];
  let most = 0;
  const kept = new Map<string, string>();
  const call: CallFunction = async (_name, input) => {
    const { records } = input as { records: { key: string; value: string }[] };
    const keys = new Set(records.map(({ key }) => key));
    for (const other of under) expect([...keys].filter(key => other.has(key))).toEqual([]);
    under.push(keys);
    most = Math.max(most, under.length);
    // Later batches would be faster.
    for (let turn = 0; turn < 20 / under.length; turn++) await new Promise(setImmediate);
    for (const { key, value } of records) kept.set(key, value);
    under.splice(under.indexOf(keys), 1);
    return success({ imported: records.length, skipped: 0, expired: 0, failed: [] });
  };
  async function* lines(repeat: number) {
    for (let i = 0; i < 8_000; i++) yield `{"key":"k.${i % repeat}","value":"${i}"}`;
  }
  const target = { bucket: 'b', on_conflict: 'overwrite' as const };
  await importLines(call, lines(8_000), target);
  expect(most).toBe(3);
  await importLines(call, lines(1_500), target);
  expect(kept.get('k.7')).toBe('7507');
  let asked = 0;
  const failing: CallFunction = async (name, input) => {
    asked += 1;
    if (asked === 2) throw new Error('no');
    return await call(name, input);
  };
  await expect(importLines(failing, lines(8_000), target)).rejects.toThrow('no');
  expect([under.length, asked <= 4]).toEqual([0, true]);
});

test('import - a byte order mark before the first line is left out, and a line that is nested too deeply is named', async () => {
  const stored: unknown[] = [];
  const call: CallFunction = async (_name, input) => {
    const { records } = input as { records: { key: string }[] };
    stored.push(...records.map(({ key }) => key));
    return success({ imported: records.length, skipped: 0, expired: 0, failed: [] });
  };
  async function* lines() {
    yield '\ufeff{"key":"a","value":"x"}';
    yield `{"key":"b","value":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  }
  await expect(importLines(call, lines(), { bucket: 'b' })).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining('line 2 nests objects and lists more than 500 deep'),
    details: { line: 2, imported: 1 },
  });
  expect(stored.splice(0)).toEqual(['a']);
  async function* marked() {
    yield '\ufeff{"key":"a","value":"x"}';
  }
  await importLines(call, marked(), { bucket: 'b' });
  expect(stored).toEqual(['a']);
});

test('import - a byte order mark before an export that goes on without its header is no change of its first record', async () => {
  const call: CallFunction = async (_name, input) => {
    const { records } = input as { records: object[] };
    return success({ imported: records.length, skipped: 0, expired: 0, failed: [] });
  };
  const record = '{"key":"a","value":"x","revision":7}';
  const sha256 = createHash('sha256').update(`${record}\n`).digest('hex');
  async function* lines() {
    yield `\ufeff${record}`;
    yield JSON.stringify({ end: true, records: 1, sha256 });
  }
  expect(await importLines(call, lines(), { bucket: 'b' })).toMatchObject({ imported: 1, failed: [] });
});

test('transform - empty lines are not gathered, however many come before or between events', async () => {
  const asked: number[] = [];
  const call: CallFunction = async (_name, input) => {
    const { ndjson } = input as { ndjson: string };
    asked.push(ndjson.length);
    const results = ndjson.split('\n').filter(line => line.trim() !== '');
    return success({ ndjson, results: results.map((_, index) => ({ index, count: 1 })), logs: [] });
  };
  async function* texts() {
    for (let at = 0; at < 64; at++) yield '\n'.repeat(512 * 1024);
    yield '{}';
  }
  const chunks = [];
  for await (const chunk of transformLines(call, texts(), { script: 'return $' })) chunks.push(chunk);
  expect(chunks).toMatchObject([{ read: 1, written: 1, lastLine: 64 * (512 * 1024 + 1) + 1 }]);
  expect(Math.max(...asked)).toBeLessThan(5 * 1024 * 1024);
});

/** What is run by calls, and what at once. */
function fakeRuns() {
  const asked: string[] = [];
  const call: CallFunction = async (_name, input) => {
    const { ndjson } = input as { ndjson: string };
    asked.push(ndjson);
    const results = ndjson.split('\n').filter(line => line.trim() !== '');
    return success({
      ndjson: 'called\n',
      results: results.map((_, index) => ({ index, count: 1 })),
      logs: [{ index: 0, level: 'info', message: 'x' }],
    });
  };
  const ran: number[] = [];
  const lineRun = {
    isOpen: () => true,
    run: async ({ bytes, count }: RawLines) => {
      const text = Buffer.from(bytes).toString();
      if (text.split('\n').some(line => !line.startsWith('{'))) return undefined;
      ran.push(count);
      return { text: Buffer.from('ran\n'), count };
    },
  };
  return { call, asked, lineRun, ran };
}

test('transform - lines come to what they are at once, those of which there is something to tell by a call, and each has its number', async () => {
  const { call, asked, lineRun, ran } = fakeRuns();
  const first = Array(60).fill('{}').join('\n');
  async function* pieces() {
    yield Buffer.from(first);
    yield Buffer.from('{}\n{}');
    yield Buffer.from('\n\n');
    yield Buffer.from('{}\nodd\n\n{}');
    yield Buffer.from(Array(450).fill('{}').join('\n'));
    yield Buffer.from('{}\n');
  }
  const chunks = [];
  for await (const chunk of transformLines(call, pieces(), { script: 'return $' }, { lineRun }))
    chunks.push(chunk);
  expect(ran).toEqual([2, 200, 200, 50]);
  expect(asked.slice(-3)).toEqual([expect.stringMatching(/^(\{\}\n){10}$/), '{}\nodd\n\n{}', '{}\n']);
  const numbers = chunks.map(({ text, read, lastLine, logs }) => [
    Buffer.from(text).toString().trim(),
    read,
    lastLine,
    logs[0]?.line,
  ]);
  expect(numbers).toEqual([
    ['called', 50, 50, 1],
    ['called', 10, 60, 51],
    ['ran', 2, 62, undefined],
    ['', 0, 65, undefined],
    ['called', 3, 69, 66],
    ['ran', 200, 269, undefined],
    ['ran', 200, 469, undefined],
    ['ran', 50, 519, undefined],
    ['called', 1, 520, 520],
  ]);
});

test('transform - where the target was checked, the first lines come to what they are at once too', async () => {
  const { call, asked, lineRun, ran } = fakeRuns();
  async function* pieces() {
    yield Buffer.from('{}\n{}');
    yield Buffer.from('odd');
    yield Buffer.from('{}');
  }
  const options = { lineRun, isChecked: true };
  const chunks = [];
  for await (const chunk of transformLines(call, pieces(), { script: 'return $' }, options))
    chunks.push(chunk.lastLine);
  expect(chunks).toEqual([2, 3, 4]);
  expect(ran).toEqual([2, 1]);
  expect(asked).toEqual(['odd']);
});

test('transform - what is wrong with the target is told behind any number of empty lines', async () => {
  const { call, asked, lineRun } = fakeRuns();
  async function* pieces() {
    yield Buffer.from('\n'.repeat(100));
    yield Buffer.from('{}');
    yield Buffer.from('{}');
  }
  const all = transformLines(call, pieces(), { script: 'return $' }, { lineRun });
  for await (const _ of all);
  expect(asked.join('').trim().split(/\n+/)).toEqual(['{}', '{}']);
});

test('transform - as many runs of lines are under way as the line run says', async () => {
  const { call } = fakeRuns();
  let underWay = 0;
  let most = 0;
  const run = async ({ count }: RawLines) => {
    most = Math.max(most, ++underWay);
    await new Promise(resolve => setImmediate(resolve));
    underWay--;
    return { text: Buffer.from('ran\n'), count };
  };
  async function* pieces() {
    for (let at = 0; at < 50; at++) yield Buffer.from('{}');
  }
  for (const [width, expected] of [
    [undefined, 8],
    [3, 3],
    [20, 20],
  ] as const) {
    most = 0;
    const lineRun = { isOpen: () => true, run, ...(width && { width }) };
    const options = { lineRun, isChecked: true };
    let chunks = 0;
    for await (const _ of transformLines(call, pieces(), { script: 'return $' }, options)) chunks++;
    expect([chunks, most]).toEqual([50, expected]);
  }
});

test('transform - a piece is done once all that came of it was read, in order, and no piece is left', async () => {
  const held = new Set<Uint8Array>();
  const done: number[] = [];
  const pieces: Buffer[] = [];
  const call: CallFunction = async (_name, input) => {
    const { ndjson } = input as { ndjson: string };
    const count = ndjson.split('\n').filter(line => line !== '').length;
    const results = Array.from({ length: count }, (_, index) => ({ index, outcome: 'ok', count: 1 }));
    return success({ events: [], ndjson: `${ndjson.trim()}\n`, results, logs: [] });
  };
  const lineRun = {
    isOpen: () => true,
    async run({ bytes, count }: RawLines) {
      await new Promise(resolve => setTimeout(resolve, Math.random() * 3));
      // What was given back would be gone, or another's.
      const text = Buffer.from(bytes);
      return text.includes('"odd"') ? undefined : { text: Buffer.concat([text, Buffer.from('\n')]), count };
    },
  };
  async function* lines() {
    for (let at = 0; at < 300; at++) {
      const piece = lineOf(at);
      pieces.push(piece);
      held.add(piece);
      yield piece;
    }
  }
  const lineOf = (at: number) =>
    Buffer.from(
      Array.from(
        { length: 1 + (at % 3) * 150 },
        (_, n) => `{"at":${at},"n":${n}${at % 7 ? '' : ',"odd":1'}}`,
      ).join('\n'),
    );
  const onDone = (piece: Uint8Array) => {
    expect(held.delete(piece)).toBe(true);
    done.push(pieces.indexOf(piece as Buffer));
    piece.fill(0);
  };
  let out = '';
  for await (const { text } of transformLines(call, lines(), { script: 'return $' }, { lineRun, onDone }))
    out += Buffer.from(text).toString();
  expect(out.trim().split('\n')).toEqual(
    Array.from({ length: 300 }, (_, at) => lineOf(at).toString().split('\n')).flat(),
  );
  expect(done).toEqual([...Array(300).keys()]);
  expect(held.size).toBe(0);
});
