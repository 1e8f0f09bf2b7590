import { setTimeout as pause } from 'node:timers/promises';
import { PackError } from '../../../contract/errors.ts';
import { lineAt } from '../../core/json-lines.ts';
import type { EngineName } from '../engines/engine.ts';
import type { KvMemories } from '../kv/memory.ts';
import { createOpening } from '../kv/opening.ts';
import type { SharedLocks } from '../kv/shared-locks.ts';
import type { KvValue, Transactions, TransactionsOptions } from '../kv/transaction.ts';
import { createTransactions, NO_KV } from '../kv/transaction.ts';
import { createTurns } from '../kv/turns.ts';
import type { EventResult, RunRequest, RunResult, SandboxLimits, ScriptFault, ScriptLog } from '../types.ts';
import type { Accepted, Attempt, AttemptLane, Call } from './attempt.ts';
import { eventsOf, faultOf, newAttempt, release, SETTLED } from './attempt.ts';
import { blockText, toBlocks } from './blocks.ts';
import type { Budget } from './budget.ts';
import { endAt } from './call-deadline.ts';
import { asBatch, textsOf } from './call-events.ts';
import { createCallFetch } from './call-fetch.ts';
import { blockOutcome, outcome, spread, textOutcome } from './call-results.ts';
import { define } from './definition.ts';
import type { Geo } from './geo.ts';
import type { KeptRoom } from './kept-answers.ts';
import { createCpuMeter } from './lane-cpu.ts';
import type { EventRecord } from './records.ts';
import type { CallUsage } from './usage.ts';

/** What a call needs from the sandbox. */
export interface CallContext {
  limits: SandboxLimits;
  engine?: EngineName;
  nextSeq: () => number;
  locksOf: (id: string) => SharedLocks;
  memory: KvMemories;
  onConflict: () => void;
  budget: Budget;
  usage: CallUsage;
  geo?: Geo;
  /** Reads of stores wait here. */
  slot: TransactionsOptions<Attempt>['slot'];
  /** Fetches of scripts wait here. */
  fetchSlot: TransactionsOptions<Attempt>['slot'];
  /** What the events of all calls keep of their fetches. */
  fetched: KeptRoom;
}

/** Begins as an object does; whether it is one, the worker finds out. */
const OBJECT = /^\s*\{/;
const NO_OBJECT: ScriptFault = {
  code: 'INVALID_INPUT',
  message: 'The event is no JSON object; send one on each line.',
};
/** Told with the answer of a script that skips whatever comes. */
const NEVER_RETURNS =
  'The script has no return of anything and is no expression, so every event is skipped. Put return before what it makes of the event; return null says that skipping is meant.';
const UNSEEN = 'A promise was rejected and nothing awaited it:';
const MAX_WARNINGS = 10;
/** Enough to meet one of the gaps that another process leaves: together some three seconds. */
const MAX_RUNS = 64;
const MAX_PAUSE_MS = 100;

/** Turns a request into attempts, and their outcomes into the result. */
export function createCall(
  request: RunRequest,
  context: CallContext,
): { attempts: Attempt[]; result: Promise<RunResult> } {
  const definition = define(request, context.limits, context.engine);
  const { lines } = request;
  const asText = lines !== undefined;
  const inBlocks = lines !== undefined && request.joined === true && definition.inBlocks;
  const given = inBlocks ? [] : textsOf(request);
  const texts = request.batch ? asBatch(given) : given;
  const count = inBlocks ? lines.starts.length : texts.length;
  const results = new Array<EventResult>(count);
  const warned = new Set<string>();
  const logs: ScriptLog[][] = [];
  let idle = false;
  let timer: NodeJS.Timeout | undefined;
  const turns = createTurns(count);
  let kv: Transactions<Attempt> | undefined;
  let shared: SharedLocks | undefined;
  const budget = context.budget.open();
  const fetching = createCallFetch(request, { slot: context.fetchSlot, room: context.fetched });
  const { promise, resolve } = Promise.withResolvers<RunResult>();
  let left = count;

  const finish = (attempt: Attempt, result: EventResult): void => {
    if (attempt.settled) return;
    kv?.reset(attempt);
    fetching.done(attempt);
    release(attempt);
    settle(result);
  };
  const finishBlock = (attempt: Attempt, of: (index: number) => EventResult): void => {
    if (attempt.settled) return;
    const { index: from } = attempt;
    const end = from + eventsOf(attempt);
    release(attempt);
    for (let index = from; index < end; index++) settle(of(index));
  };
  const settle = (result: EventResult): void => {
    turns.ran(result.index);
    results[result.index] = result;
    if (request.stopOnError && result.outcome === 'error') stopBehind(result.index);
    if (--left === 0) done();
  };
  const done = (): void => {
    shared?.done();
    clearTimeout(timer);
    budget.close();
    cpu.close();
    fetching.close();
    request.signal?.removeEventListener('abort', abort);
    const all = request.batch ? spread(results, given.length) : results;
    resolve({ results: all, logs: logs.flat(), warnings: [...(idle ? [NEVER_RETURNS] : []), ...warned] });
  };
  const endEarly = (fault: ScriptFault, from = 0): void => {
    const lanes = new Set<AttemptLane>();
    for (const attempt of attempts) {
      if (attempt.settled || attempt.index < from) continue;
      if (attempt.lane) lanes.add(attempt.lane);
      call.fail(attempt, fault);
    }
    for (const lane of lanes) lane.drop();
  };
  /** The first that fails is the last of the call. */
  const stopBehind = (index: number): void => {
    const fault: ScriptFault = { code: 'UNAVAILABLE', message: 'An event before this one failed.' };
    queueMicrotask(() => endEarly(fault, index + 1));
  };
  /** Not while the frame of the result is still read. */
  const endLater = (fault: ScriptFault): void => queueMicrotask(() => endEarly(fault));
  const cpu = createCpuMeter(context.usage, endLater);
  const abort = (): void =>
    endEarly({ code: 'TIMEOUT', message: 'The call ended before this event was done.' });
  /** The whole call is over: what this is thrown to may catch it, and is told it again. */
  const ended = (fault: ScriptFault): PackError => {
    endLater(fault);
    return new PackError(fault.code, fault.message);
  };
  const open = createOpening(request.kv);
  const repeat = (attempt: Attempt): void => {
    turns.again(attempt.index);
    fetching.again(attempt);
  };
  /** Made for the first event that asks for a key or sets one: most calls have none. */
  const transactions = (): Transactions<Attempt> => {
    if (kv) return kv;
    if (!request.kv) throw NO_KV;
    shared = context.locksOf(request.kv.id);
    kv = createTransactions<Attempt>({
      kv: request.kv,
      locks: shared.locks,
      memory: context.memory.of(request.kv.id),
      commits: shared.commits,
      slot: context.slot,
      owner: turns,
      readOnly: definition.readOnly,
      turn: ({ index }) => turns.wait(index),
      joined: ({ index }) => turns.ran(index),
      restart(attempt) {
        repeat(attempt);
        attempt.lane?.again(attempt);
      },
    });
    return kv;
  };
  const readNow = (attempt: Attempt, key: string): KvValue | Promise<KvValue> =>
    attempt.settled ? SETTLED.read(attempt, key) : transactions().read(attempt, key);
  const commit = async (attempt: Attempt, record: EventRecord): Promise<Accepted> => {
    try {
      const opened = open();
      if (opened) await opened;
      if (attempt.settled) return 'done';
      const outcome = await transactions().commit(attempt, record.writes, record.fault !== undefined);
      if (outcome === 'restarted') return outcome;
      if (outcome === 'conflict') return await conflict(attempt);
      if (outcome === 'behind') {
        repeat(attempt);
        return 'again';
      }
      keep(attempt, record);
    } catch (error) {
      call.fail(attempt, faultOf(error));
    }
    return 'done';
  };
  const conflict = async (attempt: Attempt): Promise<Accepted> => {
    context.onConflict();
    repeat(attempt);
    if (++attempt.conflicts < MAX_RUNS) {
      // Longer and longer, and never twice the same: whoever keeps winning gets done meanwhile.
      await pause(Math.random() * Math.min(MAX_PAUSE_MS, 2 ** attempt.conflicts));
      return 'again';
    }
    const message = `$kv: other writers changed the keys of this event ${MAX_RUNS} times in a row.`;
    throw new PackError('REVISION_CONFLICT', message);
  };
  const keep = (attempt: Attempt, record: EventRecord): Accepted => {
    const { index, settled } = attempt;
    if (settled) return 'done';
    idle ||= record.idle;
    if (record.logs.length > 0)
      logs[index] = record.logs.map(([level, message]) => ({ index, level, message }));
    if (record.over && record.fault) endLater(record.fault);
    finish(
      attempt,
      asText
        ? textOutcome(index, record)
        : outcome(attempt, record, request.events?.[index] as object | undefined),
    );
    return 'done';
  };
  const call: Call = {
    lines: request.batch ? undefined : lines,
    asText,
    asBytes: false,
    fetch: fetching.fetch,
    warn(text) {
      if (warned.size < MAX_WARNINGS) warned.add(`${UNSEEN} ${text}`);
    },
    spend: budget.spend,
    cpu,
    read(attempt, key) {
      const fault = context.usage.spendKv(1);
      if (fault) throw ended(fault);
      const opened = open();
      return opened ? opened.then(() => readNow(attempt, key)) : readNow(attempt, key);
    },
    accept(attempt, record) {
      // Where the first failure ends the call, an event has come to an end only once it is stored.
      if (!request.stopOnError) turns.ran(attempt.index);
      const fault = context.usage.spendKv(record.writes.length);
      if (fault) {
        call.fail(attempt, fault);
        endLater(fault);
        return 'done';
      }
      const open = record.writes.length > 0 || kv?.open(attempt) === true;
      return open ? commit(attempt, record) : keep(attempt, record);
    },
    acceptBlock(attempt, record) {
      if ('code' in record) {
        call.fail(attempt, record);
        endLater(record);
        return;
      }
      finishBlock(attempt, index => blockOutcome(index, attempt, record));
    },
    split(attempt) {
      const { index: from } = attempt;
      if (attempt.settled || !lines) return [];
      const indices = Array.from({ length: eventsOf(attempt) }, (_, at) => from + at);
      const singles = indices.map(index => single(lineAt(lines, index), index));
      attempts.push(...singles);
      release(attempt);
      return singles;
    },
    freeKeys: attempt => kv?.reset(attempt),
    fail(attempt, fault) {
      const failed = (index: number): EventResult => ({
        index,
        outcome: 'error',
        events: [],
        ...(asText && { texts: [] }),
        error: fault,
      });
      if (attempt.size) finishBlock(attempt, failed);
      else finish(attempt, failed(attempt.index));
    },
  };

  const geo = definition.geo && !request.batch ? context.geo : undefined;
  const single = (json: string, index: number): Attempt => {
    const attempt = newAttempt(call, definition, { json, index, seq: context.nextSeq() });
    if (geo) attempt.geo = geo.of(json);
    return attempt;
  };
  const attempts = inBlocks
    ? toBlocks(lines).map(block => {
        const attempt = single(blockText(lines, block), block.from);
        if (block.size > 1) attempt.size = block.size;
        return attempt;
      })
    : texts.map(single);
  if (count === 0) done();
  if (asText && !request.batch)
    for (const attempt of attempts) if (!OBJECT.test(attempt.json)) call.fail(attempt, NO_OBJECT);
  if (request.deadline !== undefined && left > 0) timer = endAt(request.deadline, endEarly);
  request.signal?.addEventListener('abort', abort);
  if (request.signal?.aborted) queueMicrotask(abort);
  return { attempts, result: promise };
}
