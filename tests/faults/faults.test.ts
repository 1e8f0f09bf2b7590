/** The checker finds what is planted, and one fault in short; `npm run test:faults` has all of them. */
import { describe, expect, test } from '@jest/globals';
import type { Verdict } from './check.ts';
import { check } from './check.ts';
import { FAULTS } from './faults.ts';
import type { Observed, Queued } from './observed.ts';
import { nothingObserved } from './observed.ts';
import { noteEnds, pushItem, workOff } from './queue.ts';
import { noteRows } from './rows.ts';
import type { Row } from './run-fault.ts';
import { runFault } from './run-fault.ts';
import { beyondOf, table, withTable } from './table.ts';

const NOTHING_WRONG: Verdict = { lost: [], doubled: [], stale: [], wrong: [] };
const SHORT = { beforeMs: 500, heldMs: 500, afterMs: 1_500, kvflows: 2, leastAcked: 101 };

/** A run in which all went well. */
function goodRun(): Observed {
  const write = (key: string, n: number) => ({
    key,
    id: `${key}=${n}`,
    outcome: 'acked' as const,
    revision: n,
    began: n * 10,
    ended: n * 10 + 5,
    order: n,
  });
  const writes = [1, 2, 3].map(n => write('a', n));
  const pair = [write('tx.a', 4), write('tx.b', 5)];
  return {
    ...nothingObserved(),
    writes: [...writes, ...pair],
    reads: [{ key: 'a', revision: 3, began: 100 }],
    stored: [...writes, ...pair].map(({ key, id, revision }) => ({ key, id, revision })),
    counters: [{ key: 'n', answers: [1, 2, 3], unknown: 1, final: 4 }],
    transactions: [pair.map(({ id }) => id)],
    snapshots: [
      [true, true],
      [false, false],
    ],
    listings: [[]],
    watches: [[1, 2, 3, 4, 5]],
    held: [
      { key: 'l', fence: 1, from: 0, to: 5 },
      { key: 'l', fence: 2, from: 6, to: 9 },
    ],
    queue: [
      { id: '1', pushed: 'acked', done: 1, open: false, end: 'gone' },
      // What ended it was done, and its answer was lost.
      { id: '2', pushed: 'acked', done: 0, open: true, end: 'gone' },
      // Taken too often: it is told among the dead letters.
      { id: '3', pushed: 'acked', done: 0, open: false, end: 'dead' },
      { id: '4', pushed: 'unknown', done: 0, open: false, end: undefined },
    ],
    queueInfo: { length: 0, dead: 1 },
    rows: [{ event: 'e', user: 'u', found: ['u'] }],
  };
}

/** Changes the item that was pushed, taken and done. */
function plantItem(change: Partial<Queued>) {
  return ({ queue }: Observed) => Object.assign(queue[0] ?? {}, change);
}

describe('checker', () => {
  test('finds nothing where nothing is wrong', () => {
    expect(check(goodRun())).toEqual(NOTHING_WRONG);
  });

  const PLANTED: [what: string, kind: keyof Verdict, plant: (run: Observed) => unknown][] = [
    ['a lost write', 'lost', ({ stored }) => stored.splice(1, 1)],
    ['a write that is stored twice', 'doubled', run => run.stored.push({ key: 'a', id: 'a=2', revision: 9 })],
    ['a stale read', 'stale', ({ reads }) => reads.push({ key: 'a', revision: 2, began: 101 })],
    ['a read that finds nothing', 'stale', ({ reads }) => reads.push({ key: 'a', began: 101 })],
    [
      'a refused write that is there',
      'wrong',
      ({ writes }) => Object.assign(writes[0] ?? {}, { outcome: 'refused' }),
    ],
    ['an order turned round', 'wrong', ({ stored }) => Object.assign(stored[0] ?? {}, { revision: 7 })],
    ['half of a transaction', 'wrong', ({ stored }) => stored.pop()],
    ['half of a transaction in a read', 'wrong', ({ snapshots }) => snapshots.push([true, false])],
    ['a step too few', 'lost', ({ counters }) => Object.assign(counters[0] ?? {}, { final: 2 })],
    ['a step too many', 'doubled', ({ counters }) => Object.assign(counters[0] ?? {}, { final: 5 })],
    ['a value of a counter answered twice', 'doubled', ({ counters }) => counters[0]?.answers.push(3)],
    ['a key that a listing left out', 'lost', ({ listings }) => listings.push(['a'])],
    ['a gap in a watch', 'lost', ({ watches }) => watches[0]?.splice(2, 1)],
    ['a watch that goes back', 'wrong', ({ watches }) => watches[0]?.reverse()],
    ['a lock held twice', 'wrong', ({ held }) => Object.assign(held[1] ?? {}, { from: 3 })],
    ['a lost item of a queue', 'lost', plantItem({ done: 0, end: undefined })],
    ['a lost item whose end was sent', 'lost', plantItem({ done: 0, open: true, end: undefined })],
    ['an item that nobody was done with and is gone', 'lost', plantItem({ done: 0 })],
    ['an item that no taker gets', 'lost', plantItem({ done: 0, end: 'left' })],
    ['an item done twice', 'doubled', plantItem({ done: 2 })],
    ['an item that is done and in the queue', 'wrong', plantItem({ end: 'left' })],
    ['an item that is done and a dead letter', 'wrong', plantItem({ end: 'dead' })],
    ['a refused item that is there', 'wrong', plantItem({ pushed: 'refused', done: 0, end: 'gone' })],
    ['a dead letter that kvflow does not tell of', 'wrong', ({ queueInfo }) => (queueInfo.dead = 0)],
    ['a missing row', 'lost', ({ rows }) => Object.assign(rows[0] ?? {}, { found: [] })],
    ['a row of another user', 'wrong', ({ rows }) => Object.assign(rows[0] ?? {}, { found: ['other'] })],
    ['a row of nobody', 'wrong', ({ rows }) => Object.assign(rows[0] ?? {}, { found: [undefined] })],
    ['an untrue code', 'wrong', ({ untrue }) => untrue.push('INTERNAL with retryable false')],
  ];
  for (const [what, kind, plant] of PLANTED) {
    test(`finds ${what}`, () => {
      const run = goodRun();
      plant(run);
      expect(check(run)[kind]).not.toEqual([]);
    });
  }
});

test('queue - an item whose push is answered after it was done, and one whose end is not answered, are not lost', async () => {
  const observed = { ...nothingObserved(), queueInfo: { length: 1, dead: 1 } };
  const place = { bucket: 'b', queue: 'q' };
  const taken = (id: string) => ({ outcome: 'acked' as const, data: { taken: true, id, receipt: 1 } });
  const done = { outcome: 'acked' as const, data: { done: true } };
  const late = Promise.withResolvers<typeof done>();
  const pushing = pushItem(() => late.promise, observed, { ...place, id: 'late' });
  await workOff(async name => (name === 'kv-queue-take' ? taken('late') : done), observed, place);
  late.resolve(done);
  await pushing;
  await pushItem(async () => done, observed, { ...place, id: 'open' });
  const unanswered = { outcome: 'unknown' as const, data: {} };
  await workOff(async name => (name === 'kv-queue-take' ? taken('open') : unanswered), observed, place);
  const info = { outcome: 'acked' as const, data: { length: 0, dead: 0 } };
  const purged = async (key: string) => (key.startsWith('q.item.') ? ('purged' as const) : undefined);
  await noteEnds(async () => info, observed, { ...place, storedAs: purged });
  expect(check(observed)).toEqual(NOTHING_WRONG);
  // The same with nothing stored of them: only what was acknowledged as done may leave nothing.
  await noteEnds(async () => info, observed, { ...place, storedAs: async () => undefined });
  expect(check(observed).lost).toEqual(['item open was acknowledged']);
});

test('rows - are looked at when what kvflow took over is finished, and those that it never finishes are found', async () => {
  const observed = { ...nothingObserved(), rows: [{ event: 'e', user: 'u', found: [] }] };
  let left = 2;
  const finishing = async (name: string) => {
    if (name === 'identify-pending-list') return { data: { total: left-- } };
    return { data: { rows: [['e', left < 0 ? 'u' : null]] } };
  };
  await noteRows(finishing, observed);
  expect(check(observed)).toEqual(NOTHING_WRONG);
  const never = (total: number) => async (name: string) => {
    return { data: name === 'identify-pending-list' ? { total } : { rows: [['e', null]] } };
  };
  for (const total of [0, 1]) {
    await noteRows(never(total), observed, 300);
    expect(check(observed).wrong).toEqual(['event e is from undefined, not u']);
  }
});

test('table - a run takes its rows of the page, and those of other faults stay', () => {
  const zeros = '0 | 0 | 0 | 0 | 0 | 0 | 0.1 s | 0.2 s | 0.3 s (kv-key-get)';
  const page = `# A page

<!-- faults -->

${table([], new Map())}
| leader killed | 1 | ${zeros} |
| disk full | 2 | ${zeros} |
| clock jumps | 3 | ${zeros} |

<!-- /faults -->

What follows.
`;
  const row: Row = {
    fault: 'leader killed',
    operations: 7,
    acked: 6,
    unknown: 1,
    verdict: { ...NOTHING_WRONG, lost: ['one'] },
    recoveryMs: 5_000,
    outageMs: 5_040,
    slowestMs: 5_900,
    slowest: 'kv-key-put',
    slow: [{ name: 'kv-key-put', began: 100, ended: 6_000, answer: '', afterMs: 2_000 }],
  };
  const written = withTable(page, [row], new Map([['disk full', 'a small tmpfs needs root']]));
  const rows = (text: string) => text.split('\n').filter(line => line.startsWith('| '));
  const [before, after] = [rows(page), rows(written)];
  expect(after).toHaveLength(before.length);
  expect(after.filter(line => !before.includes(line))).toEqual([
    '| leader killed | 7 | 6 | 1 | 1 | 0 | 0 | 0 | 5.0 s | 5.0 s | 5.9 s (kv-key-put) |',
    `| disk full: skipped, a small tmpfs needs root |${'  |'.repeat(10)}`,
  ]);
  // Where it ran after all, its row takes the place of the reason.
  const again = withTable(written, [{ ...row, fault: 'disk full' }], new Map());
  expect(rows(again)).toHaveLength(before.length);
  expect(again).not.toContain('skipped');
  expect(withTable(page, [], new Map())).toBe(page);
  expect(() => withTable('# A page', [row], new Map())).toThrow('no place');
  expect(beyondOf(row)).toBe(860);
  const [one] = row.slow;
  if (!one) throw new Error('no slow call');
  // Through a second outage it waited for that too.
  const twice = { ...one, ended: 12_000, afterMs: 300 };
  expect(beyondOf({ ...row, slow: [twice] })).toBe(300);
  expect(beyondOf({ ...row, slow: [one, twice] })).toBe(860);
  expect(beyondOf({ ...row, slow: [] })).toBe(0);
});

test('faults - with a follower killed and back nothing is lost, doubled, stale or wrong', async () => {
  const fault = FAULTS.find(({ name }) => name === 'follower killed');
  if (!fault) throw new Error('no such fault');
  const row = await runFault(fault, SHORT);
  expect(row.verdict).toEqual(NOTHING_WRONG);
  expect(row.acked).toBeGreaterThan(100);
  expect(table([row], new Map([['disk full', 'no root']]))).toContain('| disk full: skipped, no root |');
}, 120_000);
