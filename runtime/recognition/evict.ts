import type { JobContext } from './job.ts';
import type { Listed } from './remember.ts';

/** Forgets events by and by, unless they are written again. */
export function evict(
  { evictions, settings: { bucket } }: JobContext,
  events: readonly Pick<Listed, 'visitor' | 'token' | 'revision'>[],
): void {
  evictions.later(
    events.map(({ visitor, token, revision }) => ({ bucket, key: `${visitor}.${token}`, upTo: revision })),
  );
}
