import { setTimeout as sleep } from 'node:timers/promises';
import type { Official } from '../support/official.ts';
import { connectOfficial } from '../support/official.ts';
import { PATIENCE } from '../support/patience.ts';
import type { Caller } from './caller.ts';
import { createCaller } from './caller.ts';
import { DATA, JOBS, WORK } from './load.ts';
import type { Observed, Stored } from './observed.ts';
import type { StoredAs } from './queue.ts';
import { noteEnds, workOff } from './queue.ts';
import { noteRows } from './rows.ts';
import type { Watching } from './watching.ts';

/** Where to look. */
interface Place {
  urls: readonly string[];
  nats: string;
  watch: Watching;
}

const [PATIENCE_MS, PAUSE_MS] = [30_000 * PATIENCE, 250];
const READS_AT_ONCE = 32;

/** Adds to what callers saw what is there in the end: what is stored, counted, queued, loaded and was watched. */
export async function lookAt(observed: Observed, { urls, nats, watch }: Place): Promise<void> {
  const caller = createCaller(urls);
  observed.stored = await allStored(nats);
  for (const counter of observed.counters) {
    const { data } = await settled(caller, 'kv-key-get', { bucket: DATA, key: counter.key });
    counter.final = Number(data.value);
  }
  await watch.reached(observed.stored.at(-1)?.revision ?? 0);
  observed.watches = watch.revisions;
  await using client = await connectOfficial(nats);
  const storedAs = readingOf(client);
  await drain(observed, caller, storedAs);
  await noteEnds((name, input) => settled(caller, name, input), observed, { ...JOBS, storedAs });
  // The warehouse is in the first kvflow's data directory.
  await noteRows((name, input) => settled(caller, name, input, 0), observed);
}

/**
 * Every message of the bucket as another program reads it, one by one, which its leader answers: a consumer may be on a server that was
 * away and is behind for long after it is back.
 */
async function allStored(nats: string): Promise<Stored[]> {
  await using client = await connectOfficial(nats);
  const stream = `KV_${DATA}`;
  const { state } = await client.jsm.streams.info(stream);
  const stored: Stored[] = [];
  let next = state.first_seq;
  const lane = async () => {
    for (let seq = next++; seq <= state.last_seq; seq = next++) {
      const message = await client.jsm.streams.getMessage(stream, { seq });
      if (message) stored.push(storedOf(message));
    }
  };
  await Promise.all(Array.from({ length: READS_AT_ONCE }, lane));
  return stored.sort((a, b) => a.revision - b.revision);
}

function storedOf(message: { seq: number; subject: string; string(): string }): Stored {
  const key = message.subject.slice(`$KV.${DATA}.`.length);
  const id = key === 'counter' ? `counter ${message.seq}` : message.string();
  return { revision: message.seq, key, id };
}

/** Asks until it is answered: the fault is over. */
async function settled(caller: Caller, name: string, input: object, at?: number) {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const ending = await caller.call(name, input, at);
    if (ending.outcome === 'acked') return ending;
    if (Date.now() > until) throw new Error(`${name} is ${ending.code} long after the fault`);
    await sleep(PAUSE_MS);
  }
}

/** What is left in the queue is taken and done, as its workers would, until it is empty or nobody gets anything for long. */
async function drain(observed: Observed, caller: Caller, storedAs: StoredAs): Promise<void> {
  for (let until = Date.now() + PATIENCE_MS; Date.now() < until; ) {
    if (await workOff(caller.call, observed, JOBS)) {
      until = Date.now() + PATIENCE_MS;
      continue;
    }
    const stored = await Promise.all(observed.queue.map(({ id }) => storedAs(`${JOBS.queue}.item.${id}`)));
    if (!stored.includes('value')) return;
    // Leases of the run may still be held.
    await sleep(PAUSE_MS);
  }
}

/** Keys of the queue's bucket as another program reads them, of their leader. */
function readingOf({ jsm }: Official): StoredAs {
  return async key => {
    const at = { last_by_subj: `$KV.${WORK}.${key}` };
    const message = await jsm.streams.getMessage(`KV_${WORK}`, at);
    if (!message) return undefined;
    return message.header?.get('KV-Operation') === 'PURGE' ? 'purged' : 'value';
  };
}
