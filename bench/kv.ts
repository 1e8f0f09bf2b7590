import type { KV } from '@nats-io/kv';
import type { Figure } from './measure.ts';
import { compare, median, pipelined, time } from './measure.ts';
import { stage } from './stage.ts';

const COUNT = 50_000;
const IN_FLIGHT = 256;
const VALUE = JSON.stringify({ name: 'Ada', plan: 'pro', visits: 17 });

/** kv-key-put by invoke, validated, against the client's own put. */
export async function kvPut(): Promise<Figure> {
  await using s = await stage();
  const kv = await s.bucket('bench');
  return await compare(
    'puts/s',
    COUNT,
    () =>
      pipelined(COUNT, IN_FLIGHT, i =>
        s.call('kv-key-put', { bucket: 'bench', key: `user.${i}`, value: VALUE }),
      ),
    () => pipelined(COUNT, IN_FLIGHT, i => kv.put(`user.${i}`, VALUE)),
  );
}

/** kv-key-get by invoke against the client's own get. */
export async function kvGet(): Promise<Figure> {
  await using s = await stage();
  const kv = await s.bucket('bench');
  await pipelined(COUNT, IN_FLIGHT, i => kv.put(`user.${i}`, VALUE));
  return await compare(
    'gets/s',
    COUNT,
    () => pipelined(COUNT, IN_FLIGHT, i => s.call('kv-key-get', { bucket: 'bench', key: `user.${i}` })),
    () => pipelined(COUNT, IN_FLIGHT, i => kv.get(`user.${i}`).then(entry => entry?.string())),
  );
}

const LISTED = 100_000;
const PAGE = 1_000;

/**
 * All keys by pages with their values, against the client's keys(), which is sent no values and answers none. Goal 1.0. The note tells
 * against the client's own way to keys and values: a watch up to what there is, which makes the same of each as a page has.
 */
export async function kvList(): Promise<Figure> {
  await using s = await stage();
  const kv = await s.bucket('bench');
  await pipelined(LISTED, IN_FLIGHT, i => kv.put(`user.${i}`, VALUE));
  const firsts: number[] = [];
  const lasts: number[] = [];
  const list = async () => {
    const times = await listAll(input => s.call('kv-key-list', input));
    firsts.push(times.at(0) ?? 0);
    lasts.push(times.at(-1) ?? 0);
  };
  const figure = await compare('keys/s', LISTED, list, async () => {
    for await (const _key of await kv.keys()) {
      // Only their number matters.
    }
  });
  const last = (median(lasts) / median(firsts)).toFixed(2);
  const withValues = await compare('keys/s', LISTED, list, () => watched(kv), 3);
  const note = `${withValues.ratio.toFixed(2)} of its watch, which has values; last page takes ${last} of the first`;
  return { ...figure, note };
}

/** All keys and values as the client has them. */
async function watched(kv: KV): Promise<void> {
  const items: object[] = [];
  for await (const entry of await kv.watch()) {
    const { key, revision, length, created } = entry;
    items.push({
      key,
      value: entry.string(),
      sequence: revision,
      size: length,
      created_at: created.toISOString(),
    });
    if (entry.delta === 0) break;
  }
  if (items.length !== LISTED) throw new Error(`watched ${items.length} of ${LISTED} keys`);
}

/** Milliseconds of each page. */
async function listAll(list: (input: object) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  let start_seq = 0;
  let listed = 0;
  for (let more = true; more; ) {
    times.push(
      await time(async () => {
        const page = (await list({ bucket: 'bench', limit: PAGE, start_seq })) as ListPage;
        more = page.has_more;
        start_seq = page.next_seq;
        listed += page.items.length;
      }),
    );
  }
  if (listed !== LISTED) throw new Error(`listed ${listed} of ${LISTED} keys`);
  return times;
}

interface ListPage {
  items: unknown[];
  next_seq: number;
  has_more: boolean;
}
