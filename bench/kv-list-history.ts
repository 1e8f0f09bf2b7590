import type { Figure } from './measure.ts';
import { compare, median, pipelined, time } from './measure.ts';
import { stage } from './stage.ts';

const KEYS = Number(process.env.KVFLOW_BENCH_KEYS ?? 100_000);
const HISTORY = 10;
/** Of five keys one is deleted. */
const isDeleted = (index: number) => index % 5 === 0;
const LIVE = KEYS - Math.ceil(KEYS / 5);
const IN_FLIGHT = 512;
const VALUE = JSON.stringify({ name: 'Ada', plan: 'pro', visits: 17 });

/** Pages of a bucket where most messages are past or markers, against pages of one with the same live keys and no past. */
export async function kvListHistory(): Promise<Figure> {
  await using s = await stage();
  await s.call('kv-bucket-create', { bucket: 'past', history: HISTORY });
  await s.call('kv-bucket-create', { bucket: 'plain' });
  const publish = (bucket: string, index: number) => s.nc.request(`$KV.${bucket}.user.${index}`, VALUE);
  await pipelined(KEYS * (HISTORY - 1), IN_FLIGHT, at => publish('past', at % KEYS));
  await pipelined(KEYS, IN_FLIGHT, at =>
    isDeleted(at)
      ? s.call('kv-key-delete', { bucket: 'past', key: `user.${at}` })
      : publish('past', at).then(() => publish('plain', at)),
  );
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
    3,
  );
  return { ...figure, note: `last page takes ${(median(lasts) / median(firsts)).toFixed(2)} of the first` };
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
