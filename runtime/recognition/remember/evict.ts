import type { JobContext } from '../identify/job.ts';
import type { Listed } from './remember.ts';

/**
 * Forgets events by and by, unless they are written again. A note is kept of those that may have a row, unless the record of
 * what was changed has it.
 */
export function evict(
  { evictions, settings }: JobContext,
  events: readonly (Pick<Listed, 'key' | 'revision'> & { isNoted?: boolean })[],
): void {
  const { bucket } = settings;
  evictions.later(
    events.map(({ key, revision, isNoted = false }) => ({
      bucket,
      key,
      upTo: revision,
      noteFor: isNoted ? undefined : settings,
    })),
  );
}
