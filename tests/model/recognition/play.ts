/** Plays a run against kvflow and holds the rows against the oracle. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseExact } from '../../../contract/exact-json.ts';
import { isExactNumber, parseExactNumbers } from '../../../contract/exact-number.ts';
import type { Cell, Cells } from '../../../runtime/core/destinations.ts';
import type { Envelope } from '../../../runtime/core/envelope.ts';
import { isFailure } from '../../../runtime/core/envelope.ts';
import type { TestKvflow } from '../../support/kvflow.ts';
import { soon } from '../../support/soon.ts';
import type { History, Random, Sent, Step } from './history.ts';
import { againOf, happenedIn, historyOf, randomOf } from './history.ts';
import { rowsOf } from './oracle.ts';
import type { World } from './world.ts';

/** Rows as they are and as they should be, by key. */
export interface Difference {
  seed: number;
  when: 'at the end' | 'after all was sent again';
  rows: Record<string, string>;
  right: Record<string, string>;
  /** Where they are not the same: what was done. */
  history?: unknown;
}

/** Plays the run of a seed; answers where its rows differ from the oracle's, after it and after all is sent twice more. */
export async function play(world: World, seed: number): Promise<Difference | undefined> {
  const random = randomOf(seed);
  const isNumbered = seed % NUMBERED_ONE_IN === 2;
  const hasOwnTable = isNumbered && seed % 2 === 0;
  // A call that was killed half-way is sent again before the next, as a client does that waits for its answer.
  const history = historyOf(random, {
    prefix: `s${seed}`,
    mayBeAtOnce: world.faults.oneIn === 0,
    hasValues: world.hasValues ?? false,
    isRenamed: seed % RENAMED_ONE_IN === 1,
    isNumbered,
    firstKey: hasOwnTable ? 2n ** 53n + BigInt(seed) * 2n ** 16n : undefined,
  });
  // Another world may have played the seed on the same NATS: its visitors are others.
  const namespace = `${world.table}-s${seed}`;
  const table = hasOwnTable ? `${world.table}_n` : world.table;
  const player = { world, history, namespace, table, random };
  world.begun ??= begin(player);
  await world.begun;
  await playAll(player, history.steps);
  const first = await compare(player, { seed, when: 'at the end' });
  if (first) return first;
  const again = againOf(random, history.events);
  await playAll(
    player,
    again.map(call => ({ calls: [call] })),
  );
  return await compare(player, { seed, when: 'after all was sent again' });
}

/** Of so many histories one has a user whose id was an email. */
const RENAMED_ONE_IN = 4;
/** Of so many one has whole numbers for ids. */
const NUMBERED_ONE_IN = 5;

/** What a client sends again: nothing was done, or nobody knows. */
const SENT_AGAIN = new Set(['UNAVAILABLE', 'INTERNAL', 'TIMEOUT', 'REVISION_CONFLICT']);
const PAUSE_MS = 20;
/** A claim whose release was lost ends by itself after a minute; so may the next. */
const FINISH_MS = 600_000;

interface Player {
  world: World;
  history: History;
  namespace: string;
  table: string;
  random: Random;
}

/** The table that histories share has text for ids, and so columns of text: whole numbers alone would make them columns of those. */
async function begin(player: Player): Promise<void> {
  const { world } = player;
  const user = { id: 'u0', email: 'u0@x' };
  const first = { event_id: 'first', user: { anonymous_id: 'first', ...user }, ctx: { user } };
  await untilTaken({ ...player, namespace: `${world.table}-first` }, 'identify', {
    destination: world.destination.name,
    table: world.table,
    primary_key_fields: ['event_id'],
    events: [first],
    ...world.more,
  });
  await finish(player);
}

async function playAll(player: Player, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    if (step.undo === undefined) await identifyAll(player, step);
    else {
      // What was left to be finished may be so only after the undo.
      if (player.random(2) === 0) await finish(player);
      await Promise.all([undo(player, step.undo), identifyAll(player, step)]);
      await finish(player);
    }
  }
  await finish(player);
}

async function undo(player: Player, anonymous_id: string): Promise<void> {
  await untilTaken(player, 'identify-undo', { anonymous_id, destination: player.world.destination.name });
}

async function identifyAll(player: Player, { calls }: Step): Promise<void> {
  await Promise.all(calls.map(call => identify(player, call)));
}

async function identify(player: Player, call: readonly Sent[]): Promise<void> {
  const { destination, more } = player.world;
  // With the digits that were sent.
  const events = parseExact(JSON.stringify(call.map(({ json }) => json)));
  await untilTaken(player, 'identify', {
    destination: destination.name,
    table: player.table,
    primary_key_fields: ['event_id'],
    events,
    ...player.history.more,
    ...more,
  });
}

/** Sent again until it was taken over; a process that was killed may have left it to be finished, or not. */
async function untilTaken(player: Player, name: string, input: object): Promise<void> {
  const { kvflows } = player.world;
  for (let tries = 0; ; tries++) {
    const kvflow = kvflows[player.random(kvflows.length)] as TestKvflow;
    const envelope: Envelope = await kvflow.invoke(name, { ...input, namespace: player.namespace });
    if (!isFailure(envelope)) return;
    if (!SENT_AGAIN.has(envelope.error.code) || tries > 200)
      throw new Error(`${name}: ${JSON.stringify(envelope)}`);
    if (tries > 5) await sleep(PAUSE_MS);
  }
}

/** Everything that was left is finished, by whichever process. */
async function finish({ world, namespace }: Player): Promise<void> {
  const { faults, kvflows } = world;
  if (faults.oneIn === 0) return;
  // A claim whose release was lost ends by itself after a minute.
  const until = Date.now() + FINISH_MS;
  for (let tries = 0; Date.now() < until; tries++) {
    const call = soon();
    const kvflow = kvflows[tries % kvflows.length] as TestKvflow;
    const { left } = await kvflow.recognition.reconcile(call).catch(() => ({ left: 1 }));
    if (left === 0) return;
    if (tries > 100) await sleep(100);
  }
  throw new Error(`${namespace}: not all is finished`);
}

async function compare(
  { world, history, table }: Player,
  about: Pick<Difference, 'seed' | 'when'>,
): Promise<Difference | undefined> {
  const happened = happenedIn(history);
  const { spelling } = history;
  const expected = rowsOf(happened, { last: history.more.conflict === 'overwrite', spelling });
  const keys = history.events.map(({ key }) => ({ event_id: /^\d+$/.test(key) ? BigInt(key) : key }));
  const target = { table, primaryKeyFields: ['event_id'] };
  const found = await world.destination.read(soon(), target, keys);
  const rows: Record<string, string> = {};
  const right: Record<string, string> = {};
  for (const [at, { key, idColumn, json }] of history.events.entries()) {
    const { id, email } = expected[key] ?? {};
    const { user_id, ctx_user_id, user_email } = found[at] ?? {};
    const kept = world.hasValues ? [` ${keptIn(found[at], json.n)}`, ` ${asKept(json.n)}`] : ['', ''];
    rows[key] = `${text({ user_id, ctx_user_id, user_email })}${kept[0]}`;
    right[key] =
      `${text({ user_id: undefined, ctx_user_id: undefined, [idColumn]: id, user_email: email })}${kept[1]}`;
  }
  if (Object.keys(right).every(key => rows[key] === right[key])) return undefined;
  return { ...about, rows, right, history: told(history, happened) };
}

/** The value in its column, or beside the row. In a column of times a number is the time since 1970. */
function keptIn(row: Cells<Cell | null> | undefined, sent: unknown): string {
  const aside = parseExactNumbers(String(row?._unmapped ?? '{}')) as { n?: unknown };
  const kept = asKept(row?.n ?? aside.n);
  const isTime = /^\d{4}-\d\d-\d\dT.*Z$/.test(kept);
  const isMeant =
    isTime && PARTS_OF_SECONDS.some(part => timeOf(Number(asKept(sent)) / part) === Date.parse(kept));
  return isMeant ? asKept(sent) : kept;
}

const PARTS_OF_SECONDS = [1, 1e3, 1e6, 1e9];

function timeOf(seconds: number): number {
  return Math.floor(seconds * 1_000);
}

/** Of a list its text is stored, of a number its digits. */
function asKept(value: unknown): string {
  if (Array.isArray(value)) return JSON.stringify(value);
  const text = isExactNumber(value) ? value.rawJSON : String(value);
  // Some warehouses write with an exponent what JavaScript does not.
  return /^\d+(\.\d+)?e\+?\d+$/.test(text) ? String(Number(text)) : text;
}

function text(columns: Record<string, unknown>): string {
  const { user_id, ctx_user_id, user_email } = columns;
  return [user_id, ctx_user_id, user_email].map(value => value ?? '-').join(' ');
}

function named({ key, json }: Sent): string {
  return 'refused' in json ? `${key} refused` : key;
}

function told({ steps, more }: History, happened: ReturnType<typeof happenedIn>) {
  return {
    more,
    happened: happened.map(({ key, visitor, time, id, email, undone }) =>
      [key, visitor, time, id ?? '-', email ?? '-', undone ? 'undone' : ''].join(' '),
    ),
    steps: steps.map(({ undo = '', calls }) =>
      [undo && `undo ${undo}`, ...calls.map(call => call.map(named).join(' + '))].filter(Boolean).join(' | '),
    ),
  };
}
