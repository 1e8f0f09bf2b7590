import { expect } from '@jest/globals';
import { createScriptKv } from '../../../runtime/core/script-kv.ts';
import type { ScriptEventResult, ScriptKv } from '../../../runtime/core/scripts.ts';
import type { Nats } from '../../../runtime/nats/open.ts';
import { soon } from '../../support/soon.ts';
import type { Seen } from './events.ts';
import { COUNTERS, LISTS } from './events.ts';
import type { ModelHistory } from './history.ts';
import { expectAnOrder } from './order.ts';
import { BUCKET, CALL_MS, forkRunner, startRunner } from './runner.ts';
import type { ModelServer } from './server.ts';

/** Processes that play one history after another: this one, and others beside it. */
export interface Stage extends AsyncDisposable {
  /** Fails unless every call ends and what was seen has an order. */
  play(history: ModelHistory): Promise<void>;
}

/** What all stages share. */
export interface StageOptions {
  server: ModelServer;
  nats: Nats;
  /** Processes beside this one. */
  children: number;
}

/** Starts the processes of one; each is ready to run. */
export async function openStage({ server, nats, children: count }: StageOptions): Promise<Stage> {
  const here = await startRunner(server.url, 'here');
  /** In place of one that is killed the next starts at once, while others are still busy. */
  const children = Array.from({ length: count }, () => forkRunner(server.url));
  await Promise.all(children);
  return {
    async play(history) {
      const { calls } = history;
      const results = await ended(Promise.all(calls.map((_, at) => runCall(history, at))));
      expectAnswers(history, results);
      const { namespace } = calls[0] ?? { namespace: '' };
      const call = soon();
      expectAnOrder({
        events: calls.flatMap(({ events }) => events),
        seen: results.flatMap(answer => answer ?? []).flatMap(({ events }) => events as unknown as Seen[]),
        ...(await readAll(createScriptKv(call, { kv: nats.kv, bucket: BUCKET, namespace }))),
      });
    },
    [Symbol.asyncDispose]: async () => {
      for (const one of [here, ...(await Promise.all(children))]) await one.close();
    },
  };

  /** The first call is made here, the others by the other processes in turn. */
  async function runCall({ calls }: ModelHistory, at: number): Promise<ScriptEventResult[] | undefined> {
    const call = calls[at];
    if (!call) return undefined;
    if (at === 0) return await here.run(call);
    const place = (at - 1) % count;
    const child = await children[place];
    if (!child) return undefined;
    if (call.fault?.kills !== 'process') return await child.run(call);
    const left = server.left(child.name);
    const answer = await child.run(call);
    children[place] = forkRunner(server.url);
    await left;
    return answer;
  }
}

/** Of calls that have a deadline it is known when they must have ended. */
async function ended<T>(calls: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('a call has not ended')), 3 * CALL_MS);
  return await Promise.race([calls, late.promise]).finally(() => clearTimeout(timer));
}

function expectAnswers({ calls, fault }: ModelHistory, results: (ScriptEventResult[] | undefined)[]): void {
  const answers = results.flatMap(answer => answer ?? []);
  const errors = answers.flatMap(({ error }) => error ?? []);
  // Where no worker starts in its place, the events of one that was killed are told so, and nothing of them is stored or all.
  const expected = fault === 'workers' ? errors.filter(({ code }) => code === 'UNAVAILABLE') : [];
  expect(errors).toEqual(expected);
  if (fault !== 'process') expect(answers).toHaveLength(calls.flatMap(({ events }) => events).length);
}

/** How the keys ended. Behind a write of ours stands everything that came before it. */
async function readAll(store: ScriptKv) {
  await store.commit([{ key: 'behind', json: '1', ttlMs: 0, expected: undefined }]);
  const value = async (key: string) => JSON.parse((await store.get(key))?.json ?? 'null') as unknown;
  const lists = new Map<string, string[]>();
  for (const key of LISTS) lists.set(key, ((await value(key)) ?? []) as string[]);
  const counters = new Map<string, number>();
  for (const key of COUNTERS) counters.set(key, ((await value(key)) ?? 0) as number);
  return { lists, counters };
}
