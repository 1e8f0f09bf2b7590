import type { JobContext } from './job.ts';
import type { Listed } from './remember.ts';

/**
 * Forgets events by and by, unless they are written again. A note is kept of those that may have a row, unless the record of
 * what was changed has it.
 */
export function evict(
  { evictions, settings }: JobContext,
  events: readonly (Pick<Listed, 'visitor' | 'token' | 'revision'> & { isNoted?: boolean })[],
): void {
  evictions.later(
    events.map(({ visitor, token, revision, isNoted = false }) => {
      const { bucket } = settings;
      const key = `${visitor}.${token}`;
      return { bucket, key, upTo: revision, ...(!isNoted && { noteFor: settings }) };
    }),
  );
}
