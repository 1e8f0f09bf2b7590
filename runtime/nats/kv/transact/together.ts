import { invalidField, PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import { answerBytesOf } from '../../../core/call.ts';
import type { KvTogether } from '../../../core/ports/items.ts';
import type { Requests } from '../../requests.ts';
import type { StreamInfo } from '../../stream-types.ts';
import { hasOneCopy, isMirrored } from '../bucket/copies.ts';
import type { BucketHandle, Handles } from '../bucket/handles.ts';
import { isLaterForm } from '../headers/form.ts';
import { dropData, withSize } from '../read/dropped-data.ts';
import type { Proven } from '../read/leader-lease.ts';
import { readUnderLease } from '../read/leader-lease.ts';
import { readAtLeader } from '../read/leader-read.ts';
import { interpret } from '../read/read.ts';
import type { StoredMessage } from '../read/stored-message.ts';
import { fromDirect } from '../read/stored-message.ts';
import { isCut, unreadable } from '../read/unreadable.ts';
import { pause, unsupported } from './batch.ts';

/** The last messages of subjects as they stood at one revision of the stream. */
export interface Snapshot {
  bySubject: Map<string, StoredMessage>;
  revision: number;
  /** Something that was asked for has a record that the server cannot read; it is not in the map. */
  cut?: boolean;
}

/** Reads the last messages of keys (encoded) as they stood together, no earlier than the call. */
export type ReadTogether = (
  call: Call,
  handle: BucketHandle,
  keys: readonly string[],
  options?: ReadTogetherOptions,
) => Promise<Snapshot>;

/** How much is kept of what was read. */
export interface ReadTogetherOptions {
  /** Values beyond so many bytes are let go as they come; `dropped` says how long each was. Default: none are. */
  bytes?: number;
}

/** The server answers more matches than this with an error. */
const MAX_KEYS = 1_000;

/**
 * Makes the reader of one connection. The server answers one request for many subjects under the lock that a commit
 * takes (ADR-31), so its answer never shows half of one. A replica's answer is taken when it has all that the leader
 * had when the call began. Where such requests are not answered, or by a mirror, keys are read one by one at the leader
 * until two rounds are alike: then all stood so between them. Both are tried in turn. `maxPayload`: bytes of the largest message,
 * 0: not known.
 */
export function createReadTogether(requests: Requests, maxPayload = () => 0): ReadTogether {
  return async (call, handle, keys, { bytes = Number.POSITIVE_INFINITY } = {}) => {
    const subjects = [...new Set(keys)].map(key => handle.readPrefix + key);
    const asOf = hasOneCopy(handle) ? 0 : await leaderRevision(call, handle);
    for (let tries = 0; ; tries++) {
      const snapshot = mayAskAtOnce(handle) ? await readAtOnce(call, handle, { subjects, bytes }) : undefined;
      const isWhole = snapshot !== undefined && snapshot !== 'cut' && !isMirrored(handle);
      if (isWhole && snapshot.revision >= asOf) return snapshot;
      // A replica that is far behind may find nothing too, and the next time another one answers.
      const found = isWhole ? undefined : await readTwice(call, handle, subjects);
      if (found) return { ...found, cut: snapshot === 'cut' };
      if (Date.now() >= call.deadline) throw tooBusy(handle);
      await pause(tries);
    }
  };

  /** Undefined where no message has room for the request, and where the answer does not say enough: nothing was found, or not all; `cut` by a record that cannot be read. */
  async function readAtOnce(
    call: Call,
    handle: BucketHandle,
    { subjects, bytes }: { subjects: string[]; bytes: number },
  ): Promise<Snapshot | 'cut' | undefined> {
    let bySubject = new Map<string, StoredMessage>();
    let pending = Number.NaN;
    let revision = 0;
    let cut = false;
    const subject = `${handle.api.prefix}.DIRECT.GET.${handle.stream}`;
    const request = JSON.stringify({ multi_last: subjects, batch: subjects.length });
    if (maxPayload() > 0 && request.length > maxPayload()) return undefined;
    await requests.collect(call, subject, request, () => {
      bySubject = new Map();
      let left = bytes;
      return msg => {
        const found = msg.data.length === 0 && msg.headers?.code ? undefined : fromDirect(handle, msg);
        if (found) {
          left -= found.data.length;
          if (left < 0) dropData(found);
          bySubject.set(found.subject, found);
          return false;
        }
        cut = isCut(msg.headers);
        if (msg.headers?.code === 204) {
          pending = Number(msg.headers.get('Nats-Num-Pending') || 0);
          revision = Number(msg.headers.get('Nats-UpTo-Sequence') || 0);
        }
        return true;
      };
    });
    if (cut) return 'cut';
    return pending === 0 && revision > 0 ? { bySubject, revision } : undefined;
  }
}

/** The port's consistent read of many keys. */
export function createGetTogether(handles: Handles, readTogether: ReadTogether) {
  return async (call: Call, bucket: string, keys: string[]): Promise<KvTogether> => {
    if (keys.length > MAX_KEYS)
      throw invalidField('/keys', `more than ${MAX_KEYS} keys cannot be read at one revision`);
    const handle = await handles.open(call, bucket);
    if (handle.origin.bucket !== bucket) throw unsupported(handle);
    const encoded = keys.map((key, index) => handle.codec.encode(key, `/keys/${index}`));
    const { bySubject, revision, cut } = await readTogether(call, handle, encoded, {
      bytes: answerBytesOf(call),
    });
    const subjects = encoded.map(key => handle.readPrefix + key);
    const silent = cut ? subjects.filter(subject => !bySubject.has(subject)) : [];
    const damaged = new Set(await unreadable(call, handle, silent));
    const found = keys.map((key, index) => {
      const message = bySubject.get(subjects[index] ?? '');
      if (message && isLaterForm(message)) damaged.add(message.subject);
      return message && !damaged.has(message.subject)
        ? withSize(interpret(handle, message, key), message)
        : undefined;
    });
    return { found, revision, unreadable: keys.filter((_key, index) => damaged.has(subjects[index] ?? '')) };
  };
}

function mayAskAtOnce(handle: BucketHandle): boolean {
  return handle.config.allow_direct === true && !isMirrored(handle);
}

/** The answer names who leads, as whoever gives it takes it. */
async function leaderRevision(call: Call, handle: BucketHandle): Promise<number> {
  const read = () => handle.api.streamInfo(call, handle.stream);
  const prove = async (leader: string | undefined): Promise<Proven<StreamInfo>> => {
    const answer = await read();
    return answer.cluster?.leader === leader ? { answer } : 'another leads';
  };
  return (await readUnderLease(call, handle, read, prove)).state.last_seq;
}

/** Undefined where they were not the same twice. */
async function readTwice(
  call: Call,
  handle: BucketHandle,
  subjects: string[],
): Promise<Snapshot | undefined> {
  const before = await readOneByOne(call, handle, subjects);
  const revision = await leaderRevision(call, handle);
  const bySubject = await readOneByOne(call, handle, subjects);
  // Nothing was written since the revision was asked, or since the round before, to any of them.
  const isSame = [...bySubject.values()].every(({ seq }) => seq <= revision) && alike(before, bySubject);
  return isSame ? { bySubject, revision } : undefined;
}

async function readOneByOne(call: Call, handle: BucketHandle, subjects: string[]) {
  const read = subjects.map(subject => readAtLeader(call, handle, { last_by_subj: subject }));
  const found = (await Promise.all(read)).filter(message => message !== undefined);
  return new Map(found.map(message => [message.subject, message]));
}

function alike(a: Map<string, StoredMessage>, b: Map<string, StoredMessage>): boolean {
  return a.size === b.size && [...b].every(([subject, { seq }]) => a.get(subject)?.seq === seq);
}

function tooBusy({ bucket }: BucketHandle): PackError {
  return new PackError(
    'UNAVAILABLE',
    `The keys of bucket "${bucket}" were written all the time, or no replica was up to date: they could not be read at one revision. Try again.`,
  );
}
