import { headers as newHeaders } from '@nats-io/transport-node';
import { PackError } from '../../../../contract/errors.ts';
import type { WrittenBy } from '../../../../contract/written-by.ts';
import type { Call } from '../../../core/call.ts';
import type { KvHistoryImport, KvRevision } from '../../../core/ports/backups.ts';
import { isEntry } from '../../../core/ports/items.ts';
import type { KvStore } from '../../../core/ports/kv-store.ts';
import type { BucketHandle, Handles } from '../bucket/handles.ts';
import { itemHeaders } from '../headers/ends.ts';
import { endMarkerHeaders, markerHeaders } from '../headers/markers.ts';
import { importedFrom, setImported } from '../headers/marks.ts';
import type { BatchReader } from '../read/batch.ts';
import { interpret } from '../read/read.ts';
import { checkSize } from '../write/refusals.ts';
import { checkTtl, endMarker, withEnd } from '../write/ttl.ts';
import type { Writer } from '../write/writer.ts';
import type { BatchMessage, SendBatch } from './batch.ts';
import { pause } from './batch.ts';

/** What histories are written with. */
export interface ImportHistoryDependencies {
  handles: Handles;
  batches: BatchReader;
  writer: Writer;
  sendBatch: SendBatch;
  maxPayload(): number;
}

/** What one revision is stored as, and where its answer goes. */
interface Item {
  index: number;
  key: string;
  messages: BatchMessage[];
  /** Drops what was stored under the key before. */
  drops: boolean;
}

type Answers = ('written' | 'skipped' | PackError)[];

/** Where keys stand: the sequence number of each one's last message, 0 for none. */
type Places = Map<string, number>;

const NOTHING = new Uint8Array(0);
const MAX_MESSAGES = 1_000;
const MAX_BYTES = 8 * 1024 * 1024;
/** How often the keys are read again because somebody else wrote to them meanwhile. */
const MAX_TRIES = 5;

/**
 * Makes the import of histories of one connection. Each message says which revision it is a copy of, and is stored only on top
 * of what was read of its key: an import that broke off, or runs twice at once, goes on where the key stands.
 */
export function createImportHistory(deps: ImportHistoryDependencies): KvStore['importHistory'] {
  return async (call, history) => {
    const handle = await deps.handles.open(call, history.bucket);
    const answers: Answers = new Array(history.revisions.length);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const { items, places } = await plan(call, handle, history, answers);
      if (await write(call, handle, items, { places, answers })) return answers;
      await pause(tries);
    }
    throw new PackError(
      'UNAVAILABLE',
      `Keys of bucket "${history.bucket}" are written by others all the time. Try again; what was imported is kept.`,
    );
  };

  /** What is to be written of the revisions that have no answer yet; throws where a conflict is to end the import. */
  async function plan(call: Call, handle: BucketHandle, history: KvHistoryImport, answers: Answers) {
    const { revisions, source, onConflict } = history;
    const encoded = revisions.map(({ key }, index) => encode(handle, key, index, answers));
    const last = await lastOf(call, handle, [...new Set(encoded.filter(key => key !== undefined))]);
    const places: Places = new Map();
    /** The last revision of each key that this import has found to be written: what comes again after it came before. */
    const taken = new Map<string, number>();
    const items: Item[] = [];
    for (const [index, revision] of revisions.entries()) {
      const key = encoded[index];
      if (answers[index] || key === undefined) continue;
      const found = last.get(key);
      const from = found && importedFrom(found);
      const isForeign = found !== undefined && from?.source !== source;
      if (isForeign && isEntry(interpret(handle, found, revision.key)) && onConflict !== 'overwrite') {
        if (onConflict === 'fail') throw conflict(revision.key, found.seq);
        answers[index] = 'skipped';
        continue;
      }
      const standsAt = taken.get(key) ?? (isForeign ? undefined : from?.revision);
      if (standsAt !== undefined && standsAt >= revision.revision) {
        answers[index] = 'skipped';
        continue;
      }
      // An end says that the values before it are over; where there are none it says nothing.
      if (revision.operation === 'expire' && !found && !places.has(key)) {
        answers[index] = 'skipped';
        continue;
      }
      places.set(key, found?.seq ?? 0);
      const drops = isForeign && onConflict === 'overwrite' && !taken.has(key);
      const messages = attempt(answers, index, () =>
        toMessages(handle, { revision, key, source, drops, by: call.by, most: deps.maxPayload() }),
      );
      if (!messages) continue;
      taken.set(key, revision.revision);
      items.push({ index, key, messages, drops: drops || revision.operation === 'purge' });
    }
    return { items, places };
  }

  /** The last message of each key as the stream knows it that takes the writes. */
  async function lastOf(call: Call, handle: BucketHandle, keys: string[]) {
    const { readPrefix } = handle.origin;
    const view = { ...handle, ...handle.origin };
    const found = await deps.batches.last(
      call,
      view,
      keys.map(key => readPrefix + key),
    );
    return new Map(found.map(message => [message.subject.slice(readPrefix.length), message]));
  }

  /** Whether all were written; else somebody else wrote to one of the keys. */
  async function write(call: Call, handle: BucketHandle, items: Item[], state: State): Promise<boolean> {
    for (const chunk of handle.origin.config.allow_atomic ? chunksOf(items) : items.map(item => [item])) {
      const sent = withoutDropped(chunk);
      const messages = guarded(
        sent.flatMap(item => item.messages),
        state.places,
      );
      const first = await send(call, handle, messages);
      if (first === undefined) return false;
      for (const [offset, { key }] of messages.entries()) state.places.set(key, first + offset);
      for (const { index } of chunk) state.answers[index] = 'written';
    }
    return true;
  }

  async function send(call: Call, handle: BucketHandle, messages: BatchMessage[]) {
    const [only] = messages;
    if (messages.length === 1 && only?.guard) {
      const { revision: expected } = only.guard;
      // Where it was stored and not heard, the next look finds it there.
      return await deps.writer.tryStore(call, handle, { ...only, expected, again: () => undefined });
    }
    const outcome = await deps.sendBatch(call, handle, messages);
    return outcome === 'refused' ? undefined : outcome.first;
  }
}

interface State {
  places: Places;
  answers: Answers;
}

function encode(handle: BucketHandle, key: string, index: number, answers: Answers): string | undefined {
  return attempt(answers, index, () => handle.codec.encode(key, `/records/${index}/key`));
}

/** What is wrong with one revision is its answer, and stops no other. */
function attempt<T>(answers: Answers, index: number, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof PackError)) throw error;
    answers[index] = error;
    return undefined;
  }
}

interface Copied {
  revision: KvRevision;
  /** Encoded. */
  key: string;
  source: string;
  drops: boolean;
  /** Who imports. */
  by: WrittenBy | undefined;
  /** Most bytes of a message. */
  most: number;
}

function toMessages(handle: BucketHandle, copied: Copied): BatchMessage[] {
  const { revision, key, source, drops, by } = copied;
  const messages = revision.operation ? [toMarker(key, revision, by)] : toValue(handle, revision, copied);
  for (const [index, { headers }] of messages.entries()) {
    if (!headers) continue;
    setImported(headers, { source, revision: revision.revision });
    if (drops && index === 0) headers.set('Nats-Rollup', 'sub');
  }
  return messages;
}

function toMarker(
  key: string,
  { operation, createdAt }: KvRevision & { operation: string; createdAt: string },
  by: WrittenBy | undefined,
): BatchMessage {
  const headers =
    operation === 'expire'
      ? endMarkerHeaders(Date.parse(createdAt))
      : markerHeaders(operation as 'delete', by);
  return { key, value: NOTHING, headers };
}

function toValue(
  handle: BucketHandle,
  revision: KvRevision & { operation?: undefined },
  { key, by, most }: Copied,
): BatchMessage[] {
  if (revision.ttl !== undefined) checkTtl(handle, revision.ttl);
  const value = typeof revision.value === 'string' ? Buffer.from(revision.value) : revision.value;
  checkSize(handle, value, most);
  const headers = itemHeaders({ ...withEnd(handle, revision), by }) ?? newHeaders();
  const message = { key, value, headers };
  const marker = endMarker(handle, message);
  return marker ? [marker, message] : [message];
}

/** The messages of one revision stay together. */
function chunksOf(items: Item[]): Item[][] {
  const chunks: Item[][] = [];
  let [count, bytes] = [0, 0];
  for (const item of items) {
    const size = item.messages.reduce((sum, { value }) => sum + value.length, 0);
    count += item.messages.length;
    bytes += size;
    if (chunks.length === 0 || count > MAX_MESSAGES || bytes > MAX_BYTES) {
      chunks.push([]);
      [count, bytes] = [item.messages.length, size];
    }
    chunks.at(-1)?.push(item);
  }
  return chunks;
}

/** What a purge later in the same commit would drop is not sent; the server takes no such commit. */
function withoutDropped(items: Item[]): Item[] {
  const dropped = new Set<string>();
  const kept = items.toReversed().filter(({ key, drops }) => {
    const isDropped = dropped.has(key);
    if (drops) dropped.add(key);
    return !isDropped;
  });
  return kept.toReversed();
}

/** The first message of each key is stored only on top of where the key stands. */
function guarded(messages: BatchMessage[], places: Places): BatchMessage[] {
  const seen = new Set<string>();
  return messages.map(message => {
    if (seen.has(message.key)) return message;
    seen.add(message.key);
    return { ...message, guard: { key: message.key, revision: places.get(message.key) ?? 0 } };
  });
}

function conflict(key: string, seq: number): PackError {
  return new PackError(
    'REVISION_CONFLICT',
    `Key "${key}" exists already. Import with on_conflict skip or overwrite to go on.`,
    { details: { key, current_revision: seq } },
  );
}
