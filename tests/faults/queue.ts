import type { Ending } from './caller.ts';
import type { Observed, Queued } from './observed.ts';

/** Where items are pushed to and taken from. */
export interface QueuePlace {
  bucket: string;
  queue: string;
}

type Call = (name: string, input: object) => Promise<Pick<Ending, 'outcome' | 'data'>>;
/** The last message of a key of the bucket, as it is stored: whether it is a value, or the marker of a purge. */
export type StoredAs = (key: string) => Promise<'value' | 'purged' | undefined>;

/** How long an item is not taken again where the answer to its take was lost; nanoseconds. */
const LEASE = 5_000_000_000;

/** Pushes an item. It is noted before it is sent: others may be done with it before the push itself is answered. */
export async function pushItem(
  call: Call,
  { queue }: Observed,
  { id, ...place }: QueuePlace & { id: string; delay?: number },
): Promise<void> {
  const item: Queued = { id, pushed: 'unknown', done: 0, open: false, end: undefined };
  queue.push(item);
  const { outcome } = await call('kv-queue-push', { ...place, id, value: id });
  item.pushed = outcome;
}

/** Takes an item and is done with it at once; whether there was one. */
export async function workOff(call: Call, { queue }: Observed, place: QueuePlace): Promise<boolean> {
  const { data } = await call('kv-queue-take', { ...place, lease: LEASE });
  if (data.taken !== true) return false;
  const receipt = { ...place, id: data.id, receipt: data.receipt };
  const { data: end, outcome } = await call('kv-queue-done', receipt);
  const item = queue.find(({ id }) => id === data.id);
  if (item && end.done === true) item.done += 1;
  if (item && outcome === 'unknown') item.open = true;
  return true;
}

/** Notes what is stored of every item, beside what kvflow tells of the queue. */
export async function noteEnds(
  call: Call,
  observed: Observed,
  { bucket, queue, storedAs }: QueuePlace & { storedAs: StoredAs },
): Promise<void> {
  for (const item of observed.queue) {
    const stored = await storedAs(`${queue}.item.${item.id}`);
    const isDead = (await storedAs(`${queue}.dead.${item.id}`)) === 'value';
    if (stored === 'value') item.end = 'left';
    else if (isDead) item.end = 'dead';
    else item.end = stored === 'purged' ? 'gone' : undefined;
  }
  const { data } = await call('kv-queue-info', { bucket, queue });
  observed.queueInfo = { length: Number(data.length), dead: Number(data.dead) };
}
