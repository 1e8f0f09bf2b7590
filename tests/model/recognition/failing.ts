import { PackError } from '../../../contract/errors.ts';
import { LOCKS_BUCKET } from '../../../contract/own-buckets.ts';
import type { Destination } from '../../../runtime/core/destinations.ts';
import type { KvStore } from '../../../runtime/core/ports/kv-store.ts';
import type { Parts } from '../../../runtime/recognition/job.ts';
import { RECOGNITION_DEFAULTS } from '../../../runtime/recognition/settings.ts';
import { memoryDestinations } from '../../support/warehouses/memory.ts';
import type { Random } from './history.ts';

const LOST_WAREHOUSE = { methods: ['load', 'amend', 'dryRun', 'restore', 'read'], what: 'the warehouse' };
const LOST_NATS = { methods: ['put', 'get', 'getMany', 'keys', 'erase'], what: 'NATS' };

/** What recognition is made of, where one in so many of its steps fails. `random` decides which; 0: none. */
export function partsThatFail(
  destination: Destination,
  { random, faults }: { random: Random; faults: { oneIn: number } },
): (kv: KvStore) => Partial<Parts> {
  const fails = () => faults.oneIn > 0 && random(faults.oneIn) === 0;
  const destinations = memoryDestinations(failing(destination, fails, LOST_WAREHOUSE));
  return kv => ({
    kv: failing(kv, fails, LOST_NATS),
    destinations,
    defaults: { ...RECOGNITION_DEFAULTS, reconcileAfterMs: 0 },
    step: () => {
      if (fails()) throw new Error('killed');
    },
  });
}

/** Some calls fail before they were done, some after: nobody knows which. */
function failing<T extends Destination | KvStore>(
  target: T,
  fails: () => boolean,
  { methods, what }: { methods: string[]; what: string },
): T {
  const lost = () => new PackError('UNAVAILABLE', `${what} is away`, { retryable: true });
  return new Proxy(target, {
    get: (object, name) => {
      const member: unknown = Reflect.get(object, name);
      if (typeof member !== 'function' || !methods.includes(String(name))) return member;
      return async (...args: unknown[]) => {
        // A claim that is left holds for a minute.
        if (isOfLocks(args[1])) return await Reflect.apply(member, object, args);
        if (fails()) throw lost();
        const answer: unknown = await Reflect.apply(member, object, args);
        if (fails()) throw lost();
        return answer;
      };
    },
  });
}

function isOfLocks(argument: unknown): boolean {
  return (
    typeof argument === 'object' &&
    argument !== null &&
    'bucket' in argument &&
    argument.bucket === LOCKS_BUCKET
  );
}
