import { PackError } from '../../../contract/errors.ts';
import type { Envelope } from '../../core/envelope.ts';
import { failure, isFailure } from '../../core/envelope.ts';
import type { Conditions, EntityTags } from './entity-tags.ts';
import { matchesStrongly, matchesWeakly } from './entity-tags.ts';

/** A write that may be made on top of one revision alone. */
export interface ConditionalWrite {
  conditions: Conditions;
  /** The key's revision; undefined where there is no item. Throws PackError. */
  current(): Promise<number | undefined>;
  /** Writes on top of the revision; 0: only where no item is; undefined: whatever is there. */
  write(expected: number | undefined): Promise<Envelope>;
}

/** Writes that come between are looked at again so often. */
const MAX_TRIES = 8;

/**
 * Makes a write under `If-Match` and `If-None-Match` (RFC 9110, section 13.2): what they say of the item is true at the moment
 * of the write, since the write expects the revision they were judged by. Answers PRECONDITION_FAILED where they do not hold.
 */
export async function writeUnder({ conditions, current, write }: ConditionalWrite): Promise<Envelope> {
  if (!conditions.match && !conditions.noneMatch) return await write(undefined);
  const known = decided(conditions);
  if (known !== undefined) return refusedIfConflict(await write(known));
  for (let tries = 1; ; tries++) {
    const found = await current();
    if (!hold(conditions, found)) return failure(preconditionFailed(found));
    const answer = await write(found ?? 0);
    if (!isConflict(answer) || tries === MAX_TRIES) return refusedIfConflict(answer);
  }
}

/** Whether a request's conditions hold for an item at `current`; undefined: there is none. */
export function hold({ match, noneMatch }: Conditions, current: number | undefined): boolean {
  if (match && !matchesStrongly(match, current)) return false;
  return !(noneMatch && matchesWeakly(noneMatch, current));
}

/** What a condition that does not hold is answered with. */
export function preconditionFailed(current: number | undefined): PackError {
  const what = current === undefined ? 'there is no item' : `the item is at revision ${current}`;
  return new PackError(
    'PRECONDITION_FAILED',
    `If-Match or If-None-Match does not hold: ${what}. Read it again and decide anew.`,
    { details: { current_revision: current ?? 0 } },
  );
}

/** The one revision that the conditions leave; undefined where that depends on what is there. */
function decided({ match, noneMatch }: Conditions): number | undefined {
  if (match && noneMatch) return undefined;
  if (noneMatch) return noneMatch === '*' ? 0 : undefined;
  return match && onlyRevision(match);
}

function onlyRevision(tags: EntityTags): number | undefined {
  if (tags === '*' || tags.length !== 1) return undefined;
  const [tag] = tags;
  return tag && !tag.weak && Number.isInteger(tag.revision) ? tag.revision : undefined;
}

function refusedIfConflict(answer: Envelope): Envelope {
  if (!isFailure(answer) || answer.error.code !== 'REVISION_CONFLICT') return answer;
  const { current_revision } = answer.error.details ?? {};
  return failure(preconditionFailed(Number(current_revision) || undefined));
}

function isConflict(answer: Envelope): boolean {
  return isFailure(answer) && answer.error.code === 'REVISION_CONFLICT';
}
