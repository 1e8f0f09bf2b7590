import { type Batch, type BatchHead, batchOf, dropFrom } from './batch.ts';
import { makeOutbox } from './outbox.ts';
import { MAX_BLOCK, makeBlockRunner, PATIENCE } from './run-block.ts';
import { type EventRunnerParts, makeEventRunner } from './run-event.ts';
import type { Timers } from './timers.ts';
import type { EventState, GuestRuntime, Script, ScriptFlags, ScriptUnit } from './types.ts';

/** What the runtime is put together from. */
export interface RuntimeParts extends Omit<EventRunnerParts, 'outbox'> {
  addPackage: GuestRuntime['addPackage'];
  /** Reads of keys, and requests, that leave the realm are added here. */
  reads: string[];
  requests: string[];
  makeTimers: (fail: (state: EventState, error: unknown) => void) => Timers;
  seed: (hex: string) => void;
}

const DEADLINE_CHECK_MS = 25;

/** Builds the event loop of the script's realm. */
export function makeRuntime(parts: RuntimeParts): GuestRuntime {
  const { now, results } = parts;
  const scripts = new Map<number, Script>();
  const queue: Batch[] = [];
  const outbox = makeOutbox(parts.reads, parts.requests);
  const runner = makeEventRunner({ ...parts, outbox });
  const { active, start } = runner;
  const runBlock = makeBlockRunner({ now, call: runner.call, keep: parts.handlers.KEEP, results, outbox });
  const timers = parts.makeTimers(runner.fail);

  return {
    define(id, json, variables, secrets) {
      const flags = JSON.parse(json) as ScriptFlags;
      scripts.set(id, {
        flags,
        units: [],
        libraries: new Map(),
        variables: variables as Record<string, unknown>,
        secrets: secrets as object,
        patience: PATIENCE,
        inLists: flags.limits.resultBytes >= MAX_BLOCK,
        weight: Number.POSITIVE_INFINITY,
      });
    },
    add(id, main, kind, library) {
      const script = scripts.get(id);
      const unit = { main, kind: kind as ScriptUnit['kind'] };
      if (library !== '') script?.libraries.set(library, unit);
      else script?.units.push(unit);
    },
    addPackage: parts.addPackage,
    forget: id => void scripts.delete(id),
    run(json) {
      const at = json.indexOf('\n');
      const head = JSON.parse(json.slice(0, at)) as BatchHead;
      parts.seed(head.r);
      queue.push(batchOf(head, scripts.get(head.s), { text: json, at: at + 1 }));
    },
    step(until) {
      const batch = queue[0];
      if (!batch) return false;
      if (batch.together) {
        queue.shift();
        if (!batch.dropped) runBlock(batch);
        return queue.length > 0;
      }
      while (batch.next < batch.lengths.length) {
        const from = batch.at;
        batch.at += batch.lengths[batch.next] ?? 0;
        const geo = batch.geo?.[batch.next] ?? undefined;
        const id = batch.first + batch.next++;
        if (batch.dropped?.has(id)) continue;
        start(id, batch.script, batch.text.slice(from, batch.at), geo);
        if (now() >= until) return true;
      }
      queue.shift();
      return queue.length > 0;
    },
    reply(json) {
      // Before the answers: what a script does with them it does later than who asks next whether its event has ended.
      runner.settle();
      for (const [id, op, status, value, expiresAt] of JSON.parse(json) as [
        number,
        number,
        number,
        unknown,
        number,
      ][])
        if (op < 0) active.get(id)?.fetched?.(op, status, value);
        else active.get(id)?.reply?.(op, status, value, expiresAt);
    },
    abort(json) {
      for (const id of JSON.parse(json) as number[]) {
        const state = active.get(id);
        if (state) state.open = false;
        else dropFrom(queue, id);
        active.delete(id);
      }
    },
    tick() {
      runner.settle();
      timers.fire();
      const time = now();
      for (const state of active.values())
        if (state.waiting === 0 && time > state.deadline) runner.close(state, results.timedOut(state));
    },
    due: () => (active.size === 0 ? -1 : Math.min(timers.next(), DEADLINE_CHECK_MS)),
    drain() {
      runner.settle();
      return outbox.drain();
    },
    part: outbox.part,
    rejected: text => outbox.warn(runner.last(), text),
  };
}
