import { setTimeout as sleep } from 'node:timers/promises';
import { PackError } from '../../contract/errors.ts';
import { PENDING_BUCKET } from '../../contract/own-buckets.ts';
import type { UsersRecognitionConfig } from '../config/config.ts';
import type { Nats } from '../nats/open.ts';
import type { LazyRecognition } from './recognition.ts';

/** Finishes what identify left unfinished, here or in another process, for as long as the server runs. */
export interface BackgroundReconciler {
  /** Waits for what is being finished, but not for long: what is left is found by whoever runs next. */
  stop(): Promise<void>;
}

const STOP_MS = 2_000;
const LOOK_MS = 60_000;

/**
 * Starts it. Where nobody ever used identify it asks NATS each time whether there is a bucket, and loads nothing: any
 * process may have begun to use it since, and what that one leaves is to be finished as soon as everybody else's.
 */
export function startReconciler(
  { enabled, reconcileAfterSec }: Pick<UsersRecognitionConfig, 'enabled' | 'reconcileAfterSec'>,
  recognition: LazyRecognition,
): BackgroundReconciler {
  const everyMs = (reconcileAfterSec * 1_000) / 2;
  const ending = new AbortController();
  const looks = new Set<Promise<void>>();
  const done = enabled ? loop() : Promise.resolve();
  return {
    stop: async () => {
      ending.abort();
      const all = Promise.allSettled([done, ...looks]);
      await Promise.race([all, sleep(STOP_MS, undefined, { ref: false })]);
    },
  };

  /** A look that takes long, at a warehouse that does not answer, does not keep the next one from the others. */
  async function loop(): Promise<void> {
    while (!ending.signal.aborted) {
      if (recognition.started() !== undefined || (await wasUsed())) {
        const look: Promise<void> = lookOnce().finally(() => looks.delete(look));
        looks.add(look);
      }
      await pause(everyMs, ending.signal);
    }
  }

  async function lookOnce(): Promise<void> {
    try {
      await (await recognition.start()).reconcile({ deadline: Date.now() + LOOK_MS });
    } catch {
      // NATS is away, which is logged where the connection is. The next look comes.
    }
  }

  async function wasUsed(): Promise<boolean> {
    try {
      const nats: Nats = await recognition.nats();
      await nats.kv.bucketInfo({ deadline: Date.now() + 5_000 }, PENDING_BUCKET);
      return true;
    } catch (error) {
      // Only a bucket that is not there says that nobody used it; while NATS is away there is nothing to do either.
      return !(error instanceof PackError);
    }
  }
}

/** Not all processes at once: each waits a little differently. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms * (0.75 + Math.random() / 2), undefined, { signal, ref: false }).catch(() => undefined);
}
