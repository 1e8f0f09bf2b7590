/**
 * A process of workers that take jobs of a queue, each under the lock of its resource, until its input ends:
 * `node jobs-child.ts <work as JSON>`. Every line tells one thing that a worker was answered, as JSON.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PackError } from '../../contract/errors.ts';
import type { KvLockAcquireOutput, KvQueueDoneOutput, KvQueueTakeOutput } from '../../contract/types.gen.ts';
import { isFailure } from '../../runtime/core/envelope.ts';
import { joinNats } from '../../runtime/main/join-nats.ts';

/** What the process is to do. */
export interface JobsWork {
  servers: string[];
  bucket: string;
  workers: number;
  name: string;
  /** Nanoseconds. */
  lease: number;
}

/** What a worker was told, its times in milliseconds since 1970. */
export type JobLine =
  | { what: 'taken'; id: string; receipt: number; at: number; ends: number }
  | { what: 'held'; lock: string; fence: number; at: number; ends: number }
  | { what: 'freed'; lock: string; fence: number; at: number }
  | { what: 'wrote'; id: string; lock: string; fence: number }
  | { what: 'done'; id: string; receipt: number };

const work = JSON.parse(process.argv[2] ?? '') as JobsWork;
const { bucket, lease } = work;
const { invoke, close } = await joinNats({ servers: work.servers });
let ended = false;
process.stdin.resume();
process.stdin.once('end', () => (ended = true));
await Promise.all(Array.from({ length: work.workers }, (_, n) => worker(`${work.name}.${n}`)));
await close();

async function worker(holder: string): Promise<void> {
  while (!ended) {
    const askedAt = Date.now();
    const job = await call<KvQueueTakeOutput>('kv-queue-take', { queue: 'jobs', lease, max_tries: 1_000 });
    if (!job?.taken || job.id === undefined) await sleep(30);
    else await doJob(holder, job as Required<KvQueueTakeOutput>, askedAt);
  }
}

async function doJob(holder: string, { id, receipt, value }: Required<KvQueueTakeOutput>, askedAt: number) {
  // It began between the question and the answer: it is over no earlier, and began no later, than is told here.
  tell({ what: 'taken', id, receipt, at: Date.now(), ends: askedAt + lease / 1e6 });
  const lock = `lock.${value}`;
  const asked = { key: lock, holder, ttl: lease, wait: lease / 2 };
  const held = await call<KvLockAcquireOutput>('kv-lock-acquire', asked);
  if (!held?.acquired || held.fence === undefined) return;
  const { fence, expires_at = '' } = held;
  // The same: the end is reckoned before the write is sent, which may wait until another has freed the lock.
  tell({ what: 'held', lock, fence, at: Date.now(), ends: Date.parse(expires_at) });
  const written = await call('kv-transact', {
    checks: [{ key: lock, revision: fence }],
    operations: [
      { op: 'put', key: `last.${value}`, value: String(fence) },
      { op: 'increment', key: `count.${value}` },
      { op: 'put', key: `did.${id}`, value: holder },
    ],
  });
  if (written) tell({ what: 'wrote', id, lock, fence });
  tell({ what: 'freed', lock, fence, at: Date.now() });
  await call('kv-lock-release', { key: lock, fence });
  if (!written) return;
  const answer = await call<KvQueueDoneOutput>('kv-queue-done', { queue: 'jobs', id, receipt });
  if (answer?.done) tell({ what: 'done', id, receipt });
}

/** Undefined where it failed: what was begun is left to its lease. */
async function call<Output = unknown>(name: string, input: object): Promise<Output | undefined> {
  const envelope = await invoke(name, { bucket, ...input });
  if (!isFailure(envelope)) return envelope.data as Output;
  const { code, message } = envelope.error as unknown as PackError;
  if (!['REVISION_CONFLICT', 'UNAVAILABLE', 'TIMEOUT'].includes(code))
    throw new Error(`${name}: ${code} ${message}`);
  return undefined;
}

function tell(line: JobLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
