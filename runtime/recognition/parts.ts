import type { Destinations } from '../core/destinations.ts';
import type { KvStore } from '../core/ports/kv-store.ts';
import type { Stats } from '../core/recognition-stats.ts';
import type { Step } from './identify/job.ts';
import type { RecognitionDefaults } from './settings.ts';

/** What recognition works with. */
export interface Parts {
  /** Where its state is: the main NATS, or USER_RECOGNITION_NATS_URL. */
  kv: KvStore;
  /** Where the log of administrative calls is. Default: nowhere. */
  log?: KvStore;
  destinations: Destinations;
  defaults: RecognitionDefaults;
  stats: Stats;
  /** Told of each step of a job that is behind us: for tests, which end the process there. */
  step?: ((name: Step) => void | Promise<void>) | undefined;
}

/** What the reconciler tells whoever runs kvflow. */
export interface ReconcileLog {
  info(message: string): void;
  warn(message: string): void;
}
