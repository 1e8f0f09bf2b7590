/** Some runs of the simulator, and that it finds a fault which is put in; `npm run simulate` has as many runs as one likes. */
import { beforeAll, expect, test } from '@jest/globals';
import { seedOf } from '../support/seed.ts';
import { playApart } from './apart.ts';
import type { Played, Seeds } from './seeds.ts';

const RUNS = 40;
const HISTORIES = 60;
const SEED = seedOf('KVFLOW_SIMULATE_SEED');
/** The last of three runs is played first too, when nothing ran before. */
const TWICE = 6;
/** Seeds that failed once, and what holds since. A history is one of visitors alone; a run does all kinds of work. */
const KEPT: [kind: 'run' | 'history', seed: number, holds: string][] = [
  ...[3_000_278, 3_000_763, 3_100_313, 3_100_413].map((seed): (typeof KEPT)[number] => [
    'run',
    seed,
    'a new item that a former leader refuses over itself is not pushed again after others took it and were done with it',
  ]),
  [
    'history',
    20_456,
    'events of rows that a killed process gave to somebody are not done with before that is written down',
  ],
  [
    'history',
    419_968,
    'an undo sets a row back of which it is written down that its values were to be replaced, and were not',
  ],
  ['history', 435_327, 'an undo sets rows back that two calls gave to one and the other and the one again'],
];

/** In the order in which they are played. */
const ASKED = {
  alone: [from(TWICE, 1)],
  afterOthers: [from(TWICE - 2, 3)],
  runs: [from(SEED, RUNS)],
  histories: [{ ...from(SEED, HISTORIES), recognition: true }],
  broken: [{ ...from(5, 3), whole: true, broken: true }],
  brokenAgain: [{ ...from(5, 3), whole: true, broken: true }],
  kept: KEPT.map(([kind, seed]) => ({
    ...from(seed, 1),
    ...(kind === 'run' ? { whole: true } : { recognition: true }),
  })),
};
type Asked = keyof typeof ASKED;
const found = {} as Record<Asked, Played[]>;

// One process for all: each takes a while to start.
beforeAll(async () => {
  console.info(`simulator: seeds from ${SEED}`);
  const all: Played[] = [];
  const isWhole = await playApart(Object.values(ASKED).flat(), played => all.push(played)).ended;
  expect(isWhole).toBe(true);
  for (const [name, asked] of Object.entries(ASKED)) {
    const count = asked.reduce((sum, { first, end }) => sum + end - first, 0);
    found[name as Asked] = all.splice(0, count);
  }
}, 240_000);

test('simulator - steps, appends, conditional writes, commits, locks, queues, listings, watches and identify hold over lost, late, doubled and false answers', () => {
  expect(found.runs).toHaveLength(RUNS);
  expect(wrong(found.runs)).toEqual([]);
});

test('simulator - rows of histories of visitors are what the rule says', () => {
  expect(found.histories).toHaveLength(HISTORIES);
  expect(wrong(found.histories)).toEqual([]);
});

test('simulator - finds steps that are taken twice, and a seed gives the same run again', () => {
  expect(wrong(found.broken).join()).toContain('doubled: n is ');
  expect(found.brokenAgain).toEqual(found.broken);
});

test('simulator - a seed gives the same run alone and after others', () => {
  const [alone] = found.alone;
  expect(alone?.fingerprint).toMatch(/^[0-9a-f]{12}-[0-9a-f]{12}$/);
  expect(found.afterOthers.at(-1)).toEqual(alone);
});

test('simulator - each kind of trouble happens', () => {
  const kinds = ['lostRequest', 'lostAnswer', 'late', 'doubled', 'deposed', 'nobody', 'cut', 'consumerLost'];
  for (const kind of [...kinds, 'behind'])
    expect([kind, found.runs.some(({ counts }) => (counts[kind] ?? 0) > 0)]).toEqual([kind, true]);
});

test.each(KEPT)('simulator - %s %i: %s', (_, seed) => {
  const played = found.kept.find(each => each.seed === seed);
  expect(played?.faults).toEqual([]);
});

function from(first: number, count: number): Seeds {
  return { first, end: first + count, step: 1 };
}

function wrong(all: readonly Played[]): string[] {
  return all.flatMap(({ seed, faults }) => faults.map(fault => `seed ${seed}: ${fault}`));
}
