import type { MsgHdrs } from '@nats-io/transport-node';
import { invalidField } from '../../../../contract/errors.ts';
import type { WrittenBy } from '../../../../contract/written-by.ts';
import type { KvTransaction, KvTransactPut } from '../../../core/ports/transactions.ts';
import type { BucketHandle } from '../bucket/handles.ts';
import { withAbout } from '../headers/about.ts';
import { itemHeaders } from '../headers/ends.ts';
import { markerHeaders } from '../headers/markers.ts';
import { checkTtl, endMarker, withEnd } from '../write/ttl.ts';
import type { BatchMessage } from './batch.ts';
import type { Guard, Guards, Resolved } from './plan-types.ts';

/** A transaction as it is sent. */
export interface Plan {
  messages: BatchMessage[];
  /** Where each operation's message is among them. */
  positions: number[];
}

const NOTHING = new Uint8Array(0);
/** Gathers what a transaction expects of keys (`keys`: those of its operations, encoded); throws INVALID_INPUT where it contradicts itself. */
export function guardsOf(
  handle: BucketHandle,
  { checks = [], operations }: KvTransaction,
  keys: readonly string[],
): Guards {
  const guards: Guards = new Map();
  const written = new Set<string>();
  for (const [index, { key, revision }] of checks.entries()) {
    add(
      handle.codec.encode(key, `/checks/${index}/key`),
      { key, expected: revision },
      `/checks/${index}/revision`,
    );
  }
  for (const [index, { key, expectedRevision }] of operations.entries()) {
    const encoded = keys[index] ?? key;
    if (expectedRevision !== undefined) {
      const pointer = `/operations/${index}/expected_revision`;
      if (written.has(encoded)) {
        throw invalidField(
          pointer,
          `key "${key}" is written by an operation before; expect its revision there`,
        );
      }
      add(encoded, { key, expected: expectedRevision }, pointer);
    }
    written.add(encoded);
  }
  return guards;

  function add(encoded: string, guard: Omit<Guard, 'sent'>, pointer: string): void {
    const before = guards.get(encoded);
    if (before && before.expected !== guard.expected) {
      throw invalidField(pointer, `key "${guard.key}" is expected to be at revision ${before.expected} too`);
    }
    guards.set(encoded, { ...guard, sent: guard.expected });
  }
}

/** Lays out the messages: each key's guard at its first write, the others where there is room, or on markers put before. */
export function planBatch(
  handle: BucketHandle,
  operations: readonly Resolved[],
  { keys, guards, by }: { keys: readonly string[]; guards: Guards; by: WrittenBy | undefined },
): Plan {
  const messages: BatchMessage[] = [];
  const byTtl: TtlHeaders = new Map();
  const positions = operations.map((operation, index) => {
    const message = toMessage(handle, operation, { key: keys[index] ?? '', index, byTtl });
    if (message) {
      const marker =
        operation.op === 'put' || operation.op === 'changed' ? endMarker(handle, message) : undefined;
      if (marker) messages.push(marker);
      if (by) message.headers = withAbout(message.headers, { by });
      messages.push(message);
    }
    return messages.length - 1;
  });
  const placed = new Set<string>();
  for (const message of messages) {
    const guard = guards.get(message.key);
    if (!guard || placed.has(message.key)) continue;
    message.guard = { key: message.key, revision: guard.sent };
    placed.add(message.key);
  }
  const free = placed.size === guards.size ? [] : messages.filter(({ guard }) => !guard);
  const fillers: BatchMessage[] = [];
  for (const [key, { sent }] of guards) {
    if (placed.has(key)) continue;
    const guard = { key, revision: sent };
    const room = free.pop();
    if (room) room.guard = guard;
    else fillers.push({ key: handle.codec.guard, value: NOTHING, headers: markerHeaders('delete'), guard });
  }
  return { messages: [...fillers, ...messages], positions: positions.map(at => at + fillers.length) };
}

/** Undefined where nothing is to be written. */
function toMessage(
  handle: BucketHandle,
  operation: Resolved,
  { key, index, byTtl }: { key: string; index: number; byTtl: TtlHeaders },
): BatchMessage | undefined {
  if (operation.op === 'unchanged') return undefined;
  if (operation.op !== 'put' && operation.op !== 'changed') {
    return { key, value: NOTHING, headers: markerHeaders(operation.op) };
  }
  const { value } = operation;
  handle.checkValue?.(value, `/operations/${index}/value`);
  const headers =
    operation.op === 'changed' ? operation.headers : putHeaders(handle, operation, { index, byTtl });
  return { key, value: typeof value === 'string' ? Buffer.from(value) : value, headers };
}

/** The message of one put; throws what is wrong with it. */
export function putMessage(
  handle: BucketHandle,
  put: KvTransactPut & { by?: WrittenBy | undefined },
): BatchMessage {
  const { key, value, ttl } = put;
  if (ttl !== undefined) checkTtl(handle, ttl);
  handle.checkValue?.(value, '/value');
  return {
    key: handle.codec.encode(key),
    value: typeof value === 'string' ? Buffer.from(value) : value,
    headers: itemHeaders(withEnd(handle, put)),
  };
}

/** Headers that puts of the same commit share. */
type TtlHeaders = Map<number, MsgHdrs | undefined>;

function putHeaders(
  handle: BucketHandle,
  put: KvTransactPut,
  { index, byTtl }: { index: number; byTtl: TtlHeaders },
): MsgHdrs | undefined {
  const { ttl } = put;
  if (ttl === undefined) return itemHeaders(put, `/operations/${index}`);
  checkTtl(handle, ttl, `/operations/${index}/ttl`);
  if (!isOfTtlAlone(handle, put)) return itemHeaders(put, `/operations/${index}`);
  const headers = byTtl.get(ttl) ?? itemHeaders(put);
  byTtl.set(ttl, headers);
  return headers;
}

/** Nothing of its headers is its own: neither what is kept beside the value, nor an end that its marker is given too. */
function isOfTtlAlone({ origin }: BucketHandle, put: KvTransactPut): boolean {
  if (put.contentType || put.metadata || put.scheduled || put.endsAt !== undefined) return false;
  return origin.config.max_msgs_per_subject === 1;
}
