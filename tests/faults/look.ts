import { setTimeout as sleep } from 'node:timers/promises';
import { connectOfficial } from '../support/official.ts';
import type { Caller } from './caller.ts';
import { createCaller } from './caller.ts';
import { DATA, QUEUE, WORK } from './load.ts';
import type { Observed, Stored } from './observed.ts';
import type { Watching } from './watching.ts';

/** Where to look. */
interface Place {
  urls: readonly string[];
  nats: string;
  watch: Watching;
}

const PATIENCE_MS = 30_000;
const ROWS_A_PAGE = 1_000;
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
  await drain(observed, caller);
  await noteLeft(observed, caller);
  await readRows(observed, caller);
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
    await sleep(200);
  }
}

/** What is left in the queue is taken and done, as its workers would. */
async function drain({ queue }: Observed, caller: Caller): Promise<void> {
  const at = { bucket: WORK, queue: QUEUE };
  const until = Date.now() + PATIENCE_MS;
  while (Date.now() < until) {
    const { data } = await settled(caller, 'kv-queue-take', at);
    if (data.taken !== true) {
      // Leases of the run may still be held.
      const items = await settled(caller, 'kv-key-list', {
        bucket: WORK,
        filter: `${QUEUE}.item.>`,
        include_values: false,
      });
      if ((items.data.items as unknown[]).length === 0) break;
      await sleep(250);
      continue;
    }
    const { data: end } = await settled(caller, 'kv-queue-done', {
      ...at,
      id: data.id,
      receipt: data.receipt,
    });
    const item = queue.find(({ id }) => id === data.id);
    if (item && end.done === true) item.done += 1;
  }
}

/** Items that nobody came to. */
async function noteLeft({ queue }: Observed, caller: Caller): Promise<void> {
  const filter = { bucket: WORK, filter: `${QUEUE}.item.>`, include_values: false, limit: ROWS_A_PAGE };
  const { data } = await settled(caller, 'kv-key-list', filter);
  const left = new Set((data.items as { key: string }[]).map(({ key }) => key.split('.').at(-1)));
  for (const item of queue) item.left = left.has(item.id);
}

async function readRows({ rows }: Observed, caller: Caller): Promise<void> {
  const users = new Map<string, (string | undefined)[]>();
  for (let from = 0; from < rows.length + 2; from += ROWS_A_PAGE) {
    const sql = `SELECT event_id, user_id FROM events ORDER BY event_id LIMIT ${ROWS_A_PAGE} OFFSET ${from}`;
    const query = { destination: 'embedded', sql, rows: ROWS_A_PAGE };
    const { data } = await settled(caller, 'warehouse-query', query, 0);
    for (const [event, user] of data.rows as [string, string | null][]) {
      users.set(event, [...(users.get(event) ?? []), user ?? undefined]);
    }
  }
  for (const row of rows) row.found = users.get(row.event) ?? [];
}
