import { PackError } from '../../../contract/errors.ts';
import type { KvStore } from '../../core/ports/kv-store.ts';
import type { Health } from '../../server/options.ts';

/** What health is told from. */
export interface HealthOptions {
  nats: { kv: KvStore; connected(): boolean };
  /** What is not as it should be, though calls are served. */
  warnings(): string[] | Promise<string[]>;
}

const ASK_MS = 1_500;
/** Many may ask; NATS is asked once. */
const FRESH_MS = 500;

/**
 * Whether calls can be served: NATS is reached, JetStream is on, and the leader of its group answers, which it does not on the
 * smaller side of a cluster that was parted.
 */
export function createHealth({ nats, warnings }: HealthOptions): () => Promise<Health> {
  let asked: { at: number; answer: Promise<Health> } | undefined;
  return async () => {
    if (!nats.connected()) return { ready: false, reason: 'NATS is out of reach; kvflow keeps trying' };
    if (!asked || Date.now() - asked.at > FRESH_MS) asked = { at: Date.now(), answer: ask() };
    return await asked.answer;
  };

  async function ask(): Promise<Health> {
    try {
      await nats.kv.accountInfo({ deadline: Date.now() + ASK_MS });
      return { ready: true, warnings: await warnings() };
    } catch (error) {
      return { ready: false, reason: reasonOf(error) };
    }
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof PackError)) return 'the state of NATS is not known';
  if (error.code === 'UNSUPPORTED') return error.message;
  if (error.code === 'FORBIDDEN') return error.message;
  return `JetStream has no leader that this server reaches: it is starting, or is on the smaller side of its cluster (${error.message})`;
}
