import type { Call } from '../../../core/call.ts';
import type { KvGet } from '../../../core/ports/items.ts';
import type { KvStore } from '../../../core/ports/kv-store.ts';
import { hasOneCopy } from '../bucket/copies.ts';
import type { BucketHandle, Handles, Opened } from '../bucket/handles.ts';
import type { BatchReader } from './batch.ts';
import { readAtLeader } from './leader-read.ts';
import { interpret } from './read.ts';
import type { StoredMessage } from './stored-message.ts';

type Get = KvStore['get'];
type PlainGet = (call: Call, read: KvGet, opened?: Opened) => ReturnType<Get>;

/**
 * Makes the read of one key where a bucket's keys have several forms: all are asked for at once, so that it takes no more
 * requests than in any other bucket, and what was written last under any of them is what there is. What it learns of where the
 * key is, the next write uses.
 * @param plain reads where the codec writes.
 */
export function createGetOfForms(handles: Handles, batches: BatchReader, plain: PlainGet): Get {
  return (call, read) => {
    const opened = handles.open(call, read.bucket);
    return opened instanceof Promise
      ? opened.then(handle => getFrom(call, handle, read))
      : getFrom(call, opened, read);
  };

  function getFrom(call: Call, handle: BucketHandle, read: KvGet) {
    return read.isOwn || !handle.codec.forms ? plain(call, read, handle) : get(call, handle, read);
  }

  async function get(call: Call, handle: BucketHandle, read: KvGet) {
    const { codec, readPrefix } = handle;
    codec.encode(read.key); // Throws where it is no key.
    const [own = '', ...others] = (codec.forms?.(read.key) ?? []).map(form => readPrefix + form);
    const messages = await lastOf(call, handle, { subjects: [own, ...others], stale: read.stale });
    const newest = messages.toSorted((a, b) => b.seq - a.seq)[0];
    const isForeign = messages.some(({ subject }) => subject !== own);
    codec.choose?.(read.key, isForeign ? newest?.subject.slice(readPrefix.length) : undefined);
    if (read.revision !== undefined) return await plain(call, read);
    return newest && interpret(handle, newest, read.key);
  }

  /** Of several copies only the leader's is sure to have every acknowledged write. */
  async function lastOf(
    call: Call,
    handle: BucketHandle,
    { subjects, stale }: { subjects: string[]; stale: boolean | undefined },
  ): Promise<StoredMessage[]> {
    if (hasOneCopy(handle) || stale) return await batches.last(call, handle, subjects);
    const asked = subjects.map(last_by_subj => readAtLeader(call, handle, { last_by_subj }));
    return (await Promise.all(asked)).filter(message => message !== undefined);
  }
}
