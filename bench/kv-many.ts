import { jetstream } from '@nats-io/jetstream';
import { exportLines } from '../runtime/core/bulk-export.ts';
import { listen, serve } from '../tests/support/served.ts';
import type { Figure } from './measure.ts';
import { compare, pipelined } from './measure.ts';
import { stage } from './stage.ts';

const IN_FLIGHT = 256;
const VALUE = JSON.stringify({ name: 'Ada', plan: 'pro', visits: 17 });
const KEYS = 1_000;

/** kv-key-get-many of 1000 keys against as many gets of the client, pipelined; the note tells against one by one. */
export async function kvGetMany(): Promise<Figure> {
  await using s = await stage();
  const kv = await s.bucket('bench');
  await pipelined(KEYS, IN_FLIGHT, i => kv.put(`user.${i}`, VALUE));
  const keys = Array.from({ length: KEYS }, (_, i) => `user.${i}`);
  const many = async () => {
    const answer = (await s.call('kv-key-get-many', { bucket: 'bench', keys })) as { items: unknown[] };
    if (answer.items.length !== KEYS) throw new Error(`${answer.items.length} of ${KEYS} keys`);
  };
  const times = 20;
  const figure = await compare(
    'gets/s',
    KEYS * times,
    () => pipelined(times, 1, many),
    () => pipelined(KEYS * times, IN_FLIGHT, i => kv.get(`user.${i % KEYS}`).then(entry => entry?.string())),
  );
  const slow = await compare('gets/s', KEYS, many, () => pipelined(KEYS, 1, i => kv.get(`user.${i}`)), 3);
  return { ...figure, note: `${slow.ratio.toFixed(1)} times gets one by one` };
}

/** kv-key-increment on distinct keys against kv-key-put. */
export async function kvIncrement(): Promise<Figure> {
  await using s = await stage();
  await s.bucket('bench');
  const count = 20_000;
  return await compare(
    'steps/s',
    count,
    () =>
      pipelined(count, IN_FLIGHT, i => s.call('kv-key-increment', { bucket: 'bench', key: `count.${i}` })),
    () =>
      pipelined(count, IN_FLIGHT, i =>
        s.call('kv-key-put', { bucket: 'bench', key: `put.${i}`, value: '1' }),
      ),
  );
}

const EXPORTED = 100_000;

/** Export as NDJSON against reading the same stream raw with an ordered consumer. Goal 0.8. */
export async function kvExport(): Promise<Figure> {
  await using s = await stage();
  const kv = await s.bucket('bench');
  await pipelined(EXPORTED, IN_FLIGHT, i => kv.put(`user.${i}`, VALUE));
  const js = jetstream(s.nc);
  const call = (name: string, input: unknown) => s.kvflow.invoke(name, input);
  return await compare(
    'keys/s',
    EXPORTED,
    async () => {
      let records = 0;
      for await (const chunk of exportLines(call, { bucket: 'bench' })) records += chunk.records;
      if (records !== EXPORTED) throw new Error(`exported ${records} of ${EXPORTED}`);
    },
    async () => {
      const consumer = await js.consumers.get('KV_bench');
      let messages = 0;
      for await (const message of await consumer.consume()) {
        message.string();
        messages += 1;
        if (messages === EXPORTED) break;
      }
    },
  );
}

const CHANGES = 60_000;
const WANTED_PER_SECOND = 20_000;

/** Changes that one client of the event stream is sent, against the 20,000 a second that are asked of it. */
export async function kvWatch(): Promise<Figure> {
  await using s = await stage();
  const kv = await s.bucket('bench');
  await using http = await serve(s.kvflow);
  const rates: number[] = [];
  let largest = 0;
  for (let round = 0; round < 3; round++) {
    await using events = await listen(`${http.url}/buckets/bench/watch`);
    await events.next(({ event }) => event === 'synced');
    const before = process.memoryUsage().rss;
    const start = performance.now();
    const writing = pipelined(CHANGES, IN_FLIGHT, i => kv.put(`user.${i % 5_000}`, VALUE));
    for (let i = 0; i < CHANGES; i++) await events.next();
    rates.push((CHANGES / (performance.now() - start)) * 1000);
    largest = Math.max(largest, process.memoryUsage().rss - before);
    await writing;
  }
  const value = rates.sort((a, b) => a - b)[1] ?? 0;
  const note = `writer, server and client in one process; memory grew by ${(largest / 2 ** 20).toFixed(0)} MiB at most`;
  return { value, unit: 'changes/s', baseline: WANTED_PER_SECOND, ratio: value / WANTED_PER_SECOND, note };
}
