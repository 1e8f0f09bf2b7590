import { PackError } from '../../../../contract/errors.ts';
import { isEntry } from '../../../core/ports/items.ts';
import type { BucketHandle } from '../bucket/handles.ts';
import { interpret, isoTime } from '../read/read.ts';
import type { LastWritten } from '../write/outgoing.ts';
import { revisionConflict } from '../write/refusals.ts';
import type { Guards } from './plan-types.ts';
import type { Snapshot } from './together.ts';

/** A key that is not as it was expected. */
export interface Broken {
  key: string;
  expected: number;
  /** What it is at. */
  at: LastWritten | undefined;
}

/** The guards that do not hold, by encoded key. What the server compares with is noted in those that do. */
export function brokenGuards(
  handle: BucketHandle,
  guards: Guards,
  { bySubject }: Snapshot,
): Map<string, Broken> {
  const broken = new Map<string, Broken>();
  for (const [encoded, guard] of guards) {
    const message = bySubject.get(handle.readPrefix + encoded);
    const found = message && interpret(handle, message, guard.key);
    const live = isEntry(found);
    guard.sent = message?.seq ?? 0;
    if (guard.expected === guard.sent || (guard.expected === 0 && !live)) continue;
    const at = message && { seq: message.seq, live, at: found?.createdAt ?? isoTime(message.time), message };
    broken.set(encoded, { key: guard.key, expected: guard.expected, at });
  }
  return broken;
}

/** REVISION_CONFLICT that names every key that is not as expected. */
export function conflictOf(bucket: string, broken: readonly [Broken, ...Broken[]]): PackError {
  const [first] = broken;
  const one = revisionConflict({ ...first, bucket }, first.at);
  const conflicts = broken.map(({ key, expected, at }) => ({
    key,
    expected_revision: expected,
    current_revision: at?.live ? at.seq : 0,
  }));
  const more = broken.length > 1 ? ` So it is with ${broken.length - 1} more; details name them all.` : '';
  // What was there in between, in place of nothing, may have been this very write.
  const sure = first.expected === 0 && !first.at?.live ? '' : ' Nothing was written.';
  return new PackError('REVISION_CONFLICT', `${one.message}${more}${sure}`, {
    details: { ...one.details, conflicts },
  });
}
