import type { Msg, MsgHdrs } from '@nats-io/transport-node';
import { noteAnswer } from '../bucket/copies.ts';
import type { StreamView } from '../bucket/stream-view.ts';
import type { MessageHeaders } from '../headers/texts.ts';

/** A message of a bucket's stream, whichever way it was read. */
export interface StoredMessage {
  subject: string;
  seq: number;
  /** When the server stored it, in milliseconds since 1970. */
  time: number;
  data: Uint8Array;
  /** Bytes of the data, where it was let go. */
  dropped?: number;
  headers: MessageHeaders | undefined;
}

/** A message as direct get answers it: what is known of it comes in headers (ADR-31). */
export function fromDirect(view: Pick<StreamView, 'stream'>, msg: Msg): StoredMessage | undefined {
  if (!msg.headers || msg.headers.code >= 300) return undefined;
  const headers = indexed(msg.headers);
  noteAnswer(view, headers.get('Nats-Stream'));
  return {
    subject: headers.get('Nats-Subject'),
    seq: Number(headers.get('Nats-Sequence')),
    time: Date.parse(headers.get('Nats-Time-Stamp')),
    data: msg.data,
    headers,
  };
}

/** The library looks through all headers each time one is asked for; every read asks for several. */
function indexed(headers: MsgHdrs): MessageHeaders {
  return headersOf(new Map(headers));
}

function headersOf(byName: ReadonlyMap<string, readonly string[]>): MessageHeaders {
  return { get: name => byName.get(name)?.[0] ?? '', bytes: without => bytesOf(byName, without) };
}

/** `NATS/1.0`, a line for each value, an empty line (ADR-4); all lines end with two characters. */
function bytesOf(byName: ReadonlyMap<string, readonly string[]>, without: string): number {
  const lines = [...byName].flatMap(([name, values]) =>
    name === without ? [] : values.map(value => Buffer.byteLength(`${name}: ${value}`) + 2),
  );
  return lines.length === 0 ? 0 : lines.reduce((sum, line) => sum + line, 'NATS/1.0'.length + 4);
}

/** A message as the stream's leader answers it: JSON with base64 inside. */
export function fromLeader(message: LeaderMessage): StoredMessage {
  return {
    subject: message.subject,
    seq: message.seq,
    time: Date.parse(message.time),
    data: message.data ? Buffer.from(message.data, 'base64') : new Uint8Array(0),
    headers: message.hdrs ? parseHeaders(message.hdrs) : undefined,
  };
}

/**
 * Reads messages as a consumer delivers them: what is known of one is in its reply subject,
 * `$JS.ACK.<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<nanoseconds>.<pending>`, with domain and
 * account before the stream on some servers (ADR-15). All of one consumer begin alike, so that is measured once.
 */
export function consumerMessages(
  consumer: string,
): (msg: Msg) => { message: StoredMessage; pending: number } {
  const marker = `.${consumer}.`;
  let start = -1;
  return msg => {
    const reply = msg.reply ?? '';
    if (start < 0) start = reply.indexOf(marker) + marker.length;
    const seqAt = reply.indexOf('.', start) + 1;
    const seqEnd = reply.indexOf('.', seqAt);
    const timeAt = reply.indexOf('.', seqEnd + 1) + 1;
    const timeEnd = reply.indexOf('.', timeAt);
    const message = {
      subject: msg.subject,
      seq: Number(reply.slice(seqAt, seqEnd)),
      time: Number(reply.slice(timeAt, timeEnd - 6)),
      data: msg.data,
      headers: msg.headers && indexed(msg.headers),
    };
    return { message, pending: Number.parseInt(reply.slice(timeEnd + 1), 10) };
  };
}

/** `message` of a STREAM.MSG.GET answer. */
export interface LeaderMessage {
  subject: string;
  seq: number;
  time: string;
  data?: string;
  hdrs?: string;
}

function parseHeaders(base64: string): MessageHeaders {
  const byName = new Map<string, string[]>();
  const [, ...lines] = Buffer.from(base64, 'base64').toString('utf8').split('\r\n');
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon);
    const values = byName.get(name);
    const value = line.slice(colon + 1).trim();
    if (values) values.push(value);
    else byName.set(name, [value]);
  }
  return headersOf(byName);
}
