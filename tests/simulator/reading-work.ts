/** What is read from many keys, on a NATS that has troubles, while others write: listings and watches. */
import { toPackError } from '../../runtime/core/envelope.ts';
import type { KvWatch } from '../../runtime/core/ports/watches.ts';
import type { Verdict } from '../faults/check.ts';
import type { Observed } from '../faults/observed.ts';
import type { SimulatedKvflow } from './kvflow.ts';

const bucket = 'b';
/** Keys that are live all the time, and rewritten. */
const STEADY = Array.from({ length: 7 }, (_, at) => `steady.${at}`);
const [LISTINGS, REWRITES, PAGE, TRIES, PAUSE_MS, WAIT_MS] = [2, 10, 3, 100, 200, 2_000];
/** What the checker knows of. */
const WATCHED = ['cas.*', 'plain.*', 'tx.>'];

/** Makes the keys that are live all the time. */
export async function fillSteady({ call }: SimulatedKvflow): Promise<void> {
  for (const key of STEADY) {
    for (let tries = 0; tries < TRIES; tries++)
      if ((await call('kv-key-put', { bucket, key, value: '0' })).outcome === 'acked') break;
  }
}

/** Writes them again and again, so that they move through the stream. */
export async function rewriting({ call }: SimulatedKvflow, index: number): Promise<void> {
  for (let at = 0; at < REWRITES; at++) {
    const key = STEADY[(index + at) % STEADY.length];
    await call('kv-key-put', { bucket, key, value: `${index}.${at}` });
  }
}

/**
 * Lists them a page at a time, through one kvflow, and then each through another, which does not know what was answered: keys that were
 * written again may come again there. A page that failed is asked for again.
 */
export async function listing(
  kvflows: readonly SimulatedKvflow[],
  index: number,
  { listings }: Observed,
  verdict: Pick<Verdict, 'doubled'>,
): Promise<void> {
  for (let at = 0; at < LISTINGS; at++) {
    const found: string[] = [];
    let cursor: string | undefined;
    const isOne = at % 2 === 0;
    for (let tries = 0; tries < TRIES; tries++) {
      const { call } = kvflows[(index + (isOne ? 0 : tries)) % kvflows.length] as SimulatedKvflow;
      const page = { bucket, filter: 'steady.*', limit: PAGE, ...(cursor && { cursor }) };
      const { outcome, data } = await call('kv-key-list', page);
      if (outcome !== 'acked') {
        await pause();
        continue;
      }
      found.push(...(data.items as { key: string }[]).map(({ key }) => key));
      cursor = data.cursor as string | undefined;
      if (data.has_more === true) continue;
      listings.push(STEADY.filter(key => !found.includes(key)));
      if (isOne && new Set(found).size < found.length)
        verdict.doubled.push(`a listing has ${found.sort().join(' ')}`);
      break;
    }
  }
}

/** A watch of the data from its beginning, over whatever breaks. */
export interface SimulatedWatch {
  readonly revisions: number[];
  /** Resolves when it has come to a revision. */
  reached(revision: number): Promise<void>;
  end(): Promise<void>;
}

/** Begins one. */
export function watching({ kv }: SimulatedKvflow): SimulatedWatch {
  const revisions: number[] = [];
  let ended = false;
  const running = follow();
  return {
    revisions,
    reached: async revision => {
      for (let tries = 0; (revisions.at(-1) ?? 0) < revision && tries < TRIES; tries++) await pause();
    },
    end: async () => {
      ended = true;
      await running;
    },
  };

  async function follow(): Promise<void> {
    let watch: KvWatch | undefined;
    while (!ended) {
      try {
        watch ??= await kv.watch(
          { deadline: Date.now() + WAIT_MS * 5 },
          {
            bucket,
            filter: WATCHED,
            start: 'history',
            ...(revisions.length > 0 && { after: revisions.at(-1) ?? 0 }),
          },
        );
        for (const { revision } of await watch.next(20, WAIT_MS)) revisions.push(revision);
      } catch (error) {
        if (toPackError(error).code === 'INTERNAL') throw error;
        watch?.close();
        watch = undefined;
        await pause();
      }
    }
    watch?.close();
  }
}

function pause(): Promise<unknown> {
  return new Promise(resolve => setTimeout(resolve, PAUSE_MS));
}
