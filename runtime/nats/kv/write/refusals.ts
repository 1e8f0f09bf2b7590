import { setTimeout as sleep } from 'node:timers/promises';
import { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import type { ApiError } from '../../errors.ts';
import { fromApi } from '../../errors.ts';
import { isAway } from '../../request-errors.ts';
import type { BucketHandle } from '../bucket/handles.ts';
import { valueLimit } from '../bucket/value-size.ts';
import type { LastWritten } from './outgoing.ts';

const PAUSE_MS = 100;

/** The answer to a conditional write was lost, and the key was written since: it cannot be told whether ours was first. */
export function outcomeUnknown(): PackError {
  return new PackError(
    'TIMEOUT',
    'The connection to NATS was lost during the write and whether it was stored can no longer be told. Read the key and decide anew.',
    { retryable: false },
  );
}

/**
 * Finds out what became of a write whose answer was lost: asks until NATS is back, for whoever waits wants to know. Throws
 * once it is too late to ask.
 */
export async function untilBack<T>(call: Call, ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isAway(error)) throw error;
      if (Date.now() + PAUSE_MS >= call.deadline) throw outcomeUnknown();
      await sleep(PAUSE_MS);
    }
  }
}

/** The error of a conditional write that was too late. */
export function revisionConflict(
  at: { bucket: string; key: string; expected: number },
  found: LastWritten | undefined,
): PackError {
  const state = stateOf(at.expected, found);
  return new PackError(
    'REVISION_CONFLICT',
    `Key "${at.key}" of bucket "${at.bucket}" ${state}. Read it again and decide anew.`,
    {
      details: {
        current_revision: found?.live ? found.seq : 0,
        ...(found && !found.live && { deleted_at: found.at }),
      },
    },
  );
}

function stateOf(expected: number, found: LastWritten | undefined): string {
  if (found?.live) return `is at revision ${found.seq}, not at ${expected}`;
  if (expected === 0) return 'was there, and has ended meanwhile';
  return `does not exist (revision 0), not at ${expected}`;
}

/** Throws VALUE_TOO_LARGE for what the bucket or the server does not take. */
export function checkSize(handle: BucketHandle, value: Uint8Array, maxPayload: number): void {
  const limit = valueLimit(handle.origin.config);
  if (limit >= 0 && value.length > limit) throw tooLarge(value.length, limit);
  if (maxPayload > 0 && value.length > maxPayload) throw tooLarge(value.length, maxPayload);
}

/** What an error that the server answered a write with means. */
export function refused(handle: BucketHandle, error: ApiError, size: number): PackError {
  const mapped = fromApi(error, `bucket "${handle.bucket}"`);
  if (mapped.code !== 'VALUE_TOO_LARGE') return mapped;
  return tooLarge(size, valueLimit(handle.origin.config));
}

/** The revision that the server found a key at when it refused a write over it; undefined: it does not say. */
export function refusedOver({ description }: ApiError): number | undefined {
  const [, revision] = /wrong last sequence: (\d+)/.exec(description) ?? [];
  return revision === undefined ? undefined : Number(revision);
}

/** VALUE_TOO_LARGE. */
export function tooLarge(size: number, limit: number): PackError {
  return new PackError(
    'VALUE_TOO_LARGE',
    `The value has ${size} bytes and ${limit} are allowed. Store less, or raise max_value_size of the bucket or max_payload of the NATS server.`,
    { details: { size, max_value_size: limit } },
  );
}
