import type { MsgHdrs } from '@nats-io/transport-node';
import { MsgHdrsImpl } from '@nats-io/transport-node';
import type { MessageHeaders } from './texts.ts';

/** Our own headers on stored messages. They are written and read in this folder only. */
export const HEADER = {
  /** Version of the form, on messages that older builds must not read. */
  form: 'Kvflow-Form',
  /** Exact time-to-live in nanoseconds; the server's own counts whole seconds. */
  ttl: 'Kvflow-TTL',
  /** Exact end in milliseconds since 1970, which later writes of a counter keep. */
  expires: 'Kvflow-Expires',
  /** Last step of each process in a counter, so that a step whose answer was lost is not taken twice. */
  steps: 'Kvflow-Steps',
  /** Tells a conditional write of ours from another's when its answer was lost. */
  write: 'Kvflow-Write',
  /** Media type of the value. */
  contentType: 'Kvflow-Content-Type',
  /** Names and texts that the caller keeps with the item: one JSON object, in ASCII. */
  metadata: 'Kvflow-Metadata',
  /** Who wrote, see contract/written-by.ts. */
  by: 'Kvflow-By',
  /** Which revision of which bucket an import wrote here, so that an import that broke off goes on without a double. */
  imported: 'Kvflow-Imported',
  /** When and how the item is to be put under its own key. */
  scheduled: 'Kvflow-Scheduled',
} as const;

/** The most bytes that headers of ours and of JetStream need on one message. Buckets get this room beside their values. */
export const HEADER_ROOM = 8_192;

/** A message's headers and when the server stored it, in milliseconds since 1970. */
export interface Stamped {
  headers: MessageHeaders | undefined;
  time: number;
}

/** A message by its headers alone. */
export type WithHeaders = Pick<Stamped, 'headers'>;

/** Of names and values that are known to be such: for those of callers the library looks at every character, which is felt. */
export function ofPlain(values: Record<string, string[]>): MsgHdrs {
  return MsgHdrsImpl.fromRecord(values);
}

/** Sets one of those: whatever there was under the name is gone. */
export function setPlain(headers: MsgHdrs, name: string, value: string): void {
  (headers as MsgHdrsImpl).headers.set(name, [value]);
}

/** Headers as they are sent, a line each. */
export function headerLines(headers: MsgHdrs | undefined): string {
  let lines = '';
  for (const [name, values] of headers ?? []) for (const value of values) lines += `${name}: ${value}\r\n`;
  return lines;
}

/**
 * Headers that are sent and not read again, of lines (`name: value` and a line break). Written into the pool of Node's buffers, where the
 * library makes an array of its own for each message.
 */
export function toSend(lines: string): MsgHdrs {
  return { encode: () => Buffer.from(`NATS/1.0\r\n${lines}\r\n`) } as Pick<
    MsgHdrsImpl,
    'encode'
  > as MsgHdrsImpl;
}
