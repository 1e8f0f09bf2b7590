import { PackError } from '../../../contract/errors.ts';
import type { Destination } from '../../../runtime/core/destinations.ts';

/** A destination that is out of reach from time to time. */
export function awayWhile(destination: Destination, isAway: () => boolean): Destination {
  const unless = <Arguments extends unknown[], Answer>(work: (...args: Arguments) => Promise<Answer>) => {
    return async (...args: Arguments): Promise<Answer> => {
      if (isAway()) throw new PackError('UNAVAILABLE', 'The warehouse is away.', { retryable: true });
      return await work(...args);
    };
  };
  const { load, amend, restore, read } = destination;
  return {
    ...destination,
    load: unless(load),
    amend: unless(amend),
    restore: unless(restore),
    read: unless(read),
  };
}
