/**
 * Generated histories of visitors, given to identify in generated calls, against the rule. `KVFLOW_MODEL_SEED=... npm run
 * test:model` makes the same histories again.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { withMemory } from '../../support/identify-memory.ts';
import type { Happened } from './oracle.ts';
import { rowsOf } from './oracle.ts';

const RUNS = Number(process.env.KVFLOW_MODEL_RUNS ?? 40);
const SEED = Number(process.env.KVFLOW_MODEL_SEED ?? Date.now() % 1_000_000_000);
const EMPTY = [undefined, '', 'null', 0, 'NaN', '[object Object]', ' '];

test('oracle - it shares no file with the product', () => {
  const source = readFileSync(join(import.meta.dirname, 'oracle.ts'), 'utf8');
  expect(source).not.toMatch(/\bfrom\s+'|import\s*\(/);
});

test(`model - rows are what the rule says, seeds from ${SEED}`, async () => {
  await using k = await withMemory();
  for (let seed = SEED; seed < SEED + RUNS; seed++) {
    const random = randomOf(seed);
    const events = history(random);
    const options = { namespace: `s${seed}`, table: `t${seed}` };
    for (const call of callsOf(random, events)) {
      await k.identify(
        call.map(event => toEvent(random, event)),
        options,
      );
    }
    const rows = Object.fromEntries(
      events.map(({ key }) => {
        const row = k.memory.row(options.table, key);
        const who = { id: row?.user_id ?? undefined, email: row?.user_email ?? undefined };
        return [key, JSON.stringify(who)];
      }),
    );
    const right = Object.entries(rowsOf(events)).map(([key, { id, email }]) => [
      key,
      JSON.stringify({ id, email }),
    ]);
    expect({ seed, rows }).toEqual({ seed, rows: Object.fromEntries(right) });
  }
}, 600_000);

type Random = (below: number) => number;

/** Mulberry32: small, and the same everywhere. */
function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return below => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Two users on up to two devices; some times are equal. */
function history(random: Random): Happened[] {
  return Array.from({ length: 2 + random(9) }, (_, at): Happened => {
    const user = random(2);
    const kind = random(5);
    return {
      key: `e${String(random(1_000)).padStart(3, '0')}-${at}`,
      visitor: `v${random(2)}`,
      time: random(8),
      ...((kind === 0 || kind === 2) && { id: `u${user}` }),
      ...((kind === 1 || kind === 2) && { email: `u${user}@x` }),
    };
  });
}

/**
 * All at once in any order; or one after the other, as they happened, or the logins first and anonymous events in any order:
 * so that no row is given to a user who turns out not to be its own. Then some of them again.
 */
function callsOf(random: Random, events: readonly Happened[]): Happened[][] {
  const shuffled = events
    .map(event => ({ event, by: random(1e6) }))
    .sort((a, b) => a.by - b.by)
    .map(({ event }) => event);
  const again = shuffled.filter(() => random(3) === 0);
  const way = random(3);
  if (way === 0) return [shuffled, ...again.map(event => [event])];
  const inTime = events.toSorted((a, b) => a.time - b.time || (a.key < b.key ? -1 : 1));
  const isLogin = ({ id, email }: Happened) => (id ?? email) !== undefined;
  const logins = inTime.filter(isLogin);
  const late = way === 1 ? inTime : [...logins, ...shuffled.filter(event => !isLogin(event))];
  return [...late, ...again].map(event => [event]);
}

function toEvent(random: Random, { key, visitor, time, id, email }: Happened): Record<string, unknown> {
  const empty = () => EMPTY[random(EMPTY.length)];
  return {
    event_id: key,
    timestamp: new Date(Date.UTC(2026, 0, 1) + time * 1_000).toISOString(),
    user: { anonymous_id: visitor, id: id ?? empty(), email: email ?? empty() },
  };
}
