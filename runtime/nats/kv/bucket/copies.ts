import type { StreamView } from './stream-view.ts';

/**
 * Who answers direct gets. A mirror in the same account answers its origin's as well (ADR-31; the server gives it
 * `mirror_direct` where the origin allows direct gets, whatever its creator asked for): a moment late, without the
 * older revisions it does not keep, and without the keys its filter leaves out. Each answer names the stream it is from.
 */

type Named = Pick<StreamView, 'stream'>;

const mirrored = new WeakSet<Named>();

/** Notes whose answer a direct get got. */
export function noteAnswer(view: Named, stream: string): void {
  if (stream !== '' && stream !== view.stream) mirrored.add(view);
}

/** Whether a mirror is known to answer for the stream: its direct gets are not to be relied on. */
export function isMirrored(view: Named): boolean {
  return mirrored.has(view);
}

/**
 * Direct get is twice as fast and is answered by any copy. With one copy it is as fresh as the leader; with replicas
 * it may miss a write that was acknowledged a moment ago (ADR-31).
 */
export function hasOneCopy(view: StreamView): boolean {
  const { config, clustered } = view;
  return !clustered && config.num_replicas === 1 && config.allow_direct === true && !mirrored.has(view);
}
