import { exportLines } from '../runtime/core/bulk-export.ts';
import type { Figure } from './measure.ts';
import { compare, median, pipelined, time } from './measure.ts';
import { stage } from './stage.ts';

const KEYS = Number(process.env.KVFLOW_BENCH_KEYS ?? 100_000);
/** Ten million keys are `KVFLOW_BENCH_KEYS=12500000 KVFLOW_BENCH_HISTORY=1`, by hand: ten minutes and 3 GB. */
const HISTORY = Number(process.env.KVFLOW_BENCH_HISTORY ?? 10);
/** Of five keys one is deleted. */
const isDeleted = (index: number) => index % 5 === 0;
const LIVE = KEYS - Math.ceil(KEYS / 5);
const CHUNK = 500;
const CHUNKS_IN_FLIGHT = 8;
const WAIT_MS = 60_000;
const ROUNDS = KEYS > 1_000_000 ? 1 : 3;
const VALUE = JSON.stringify({ name: 'Ada', plan: 'pro', visits: 17 });

/** How much longer the last page may take than the first. */
const MAX_LAST = 1.5;
/** What an export may hold beside what there was: of each key that it answered up to 32 bytes (docs/durability.md). */
const MAX_EXPORT_MIB = 64 + Math.ceil((LIVE * 32) / 1024 / 1024);

/**
 * Pages of a bucket where most messages are past or markers, against pages of one with the same live keys and no past. Goal 0.45. Fails
 * where the last page takes too long, and where an export lacks a key or needs memory with the bucket.
 */
export async function kvListHistory(): Promise<Figure> {
  await using s = await stage();
  await s.call('kv-bucket-create', { bucket: 'past', history: HISTORY });
  await s.call('kv-bucket-create', { bucket: 'plain' });
  // The answer to the last of a chunk says that all before it are stored: the server takes them in order.
  const publish = async (bucket: string, indexes: number[]) => {
    const subjects = indexes.map(index => `$KV.${bucket}.user.${index % KEYS}`);
    const last = subjects.pop();
    for (const subject of subjects) s.nc.publish(subject, VALUE);
    if (last !== undefined) await s.nc.request(last, VALUE, { timeout: WAIT_MS });
  };
  await pipelined(chunksOf(KEYS * (HISTORY - 1)), CHUNKS_IN_FLIGHT, at => publish('past', chunk(at)));
  const remove = (index: number) => s.call('kv-key-delete', { bucket: 'past', key: `user.${index}` });
  await pipelined(chunksOf(KEYS), CHUNKS_IN_FLIGHT, async at => {
    const all = chunk(at).filter(index => index < KEYS);
    const live = all.filter(index => !isDeleted(index));
    await publish('past', live);
    await publish('plain', live);
    if (HISTORY > 1) await Promise.all(all.filter(isDeleted).map(remove));
  });
  const firsts: number[] = [];
  const lasts: number[] = [];
  const list = (bucket: string) => listAll(input => s.call('kv-key-list', { bucket, ...input }));
  const figure = await compare(
    'keys/s',
    LIVE,
    async () => {
      const times = await list('past');
      firsts.push(times.at(0) ?? 0);
      lasts.push(times.at(-1) ?? 0);
    },
    () => list('plain'),
    ROUNDS,
  );
  const mib = await exportAll(s.kvflow.invoke);
  const ratio = median(lasts) / median(firsts);
  const last = ratio.toFixed(2);
  if (ratio > MAX_LAST) throw new Error(`the last page takes ${last} of the first; at most ${MAX_LAST}`);
  if (mib > MAX_EXPORT_MIB) throw new Error(`an export takes ${mib} MiB more; at most ${MAX_EXPORT_MIB}`);
  return { ...figure, note: `last page takes ${last} of the first; an export has all, in ${mib} MiB more` };
}

function chunk(at: number): number[] {
  return Array.from({ length: CHUNK }, (_, index) => at * CHUNK + index);
}

function chunksOf(messages: number): number {
  return Math.ceil(messages / CHUNK);
}

/** MiB that an export in lines of all the keys takes at most beside what there was. Throws where it lacks one. */
async function exportAll(invoke: Parameters<typeof exportLines>[0]): Promise<number> {
  const before = process.memoryUsage.rss();
  let [most, keys] = [before, 0];
  for await (const { text } of exportLines(invoke, { bucket: 'past' })) {
    for (const line of text.split('\n')) if (line.startsWith('{"key":')) keys += 1;
    most = Math.max(most, process.memoryUsage.rss());
  }
  if (keys !== LIVE) throw new Error(`exported ${keys} of ${LIVE} keys`);
  return Math.ceil((most - before) / 1024 / 1024);
}

/** Milliseconds of each page. */
async function listAll(list: (input: object) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  let [start_seq, listed, more] = [0, 0, true];
  while (more) {
    times.push(
      await time(async () => {
        const page = (await list({ limit: 1_000, start_seq })) as {
          items: unknown[];
          next_seq: number;
          has_more: boolean;
        };
        more = page.has_more;
        start_seq = page.next_seq;
        listed += page.items.length;
      }),
    );
  }
  if (listed !== LIVE) throw new Error(`listed ${listed} of ${LIVE} keys`);
  return times;
}
