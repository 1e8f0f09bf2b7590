/** How messages of a stream are read. */
import type { Answer } from './answers.ts';
import { error } from './answers.ts';
import { statusHeaders, writeHeaders } from './headers.ts';
import type { SimulatedMessage, SimulatedStream } from './stream.ts';
import { matches } from './subjects.ts';

/** Messages never change: what they are answered as is made once. */
const asLeaders = new WeakMap<SimulatedMessage, Answer>();
const asDirect = new WeakMap<SimulatedMessage, Answer>();

/** STREAM.MSG.GET. */
export function leaderGet(
  stream: SimulatedStream,
  body: { last_by_subj?: string; seq?: number; next_by_subj?: string },
): Answer {
  const found = find(stream, body);
  return found ? madeOnce(asLeaders, found, leaderAnswer) : error(404, 10037, 'no message found');
}

function leaderAnswer(found: SimulatedMessage): Answer {
  const { seq, subject, headers, data, time } = found;
  const lines = headers ? [...headers].map(([name, value]) => `${name}: ${value}`).join('\r\n') : '';
  const message = {
    subject,
    seq,
    time: new Date(time).toISOString(),
    data: Buffer.from(data).toString('base64'),
    ...(lines && { hdrs: Buffer.from(`NATS/1.0\r\n${lines}\r\n\r\n`).toString('base64') }),
  };
  return { data: JSON.stringify({ message }) };
}

function find(stream: SimulatedStream, body: { last_by_subj?: string; seq?: number; next_by_subj?: string }) {
  const { last_by_subj, seq = 0, next_by_subj } = body;
  if (last_by_subj) return stream.last(last_by_subj);
  const rest = stream.messages.slice(stream.placeOf(seq));
  if (next_by_subj) return rest.find(({ subject }) => matches(next_by_subj, subject));
  return rest[0]?.seq === seq ? rest[0] : undefined;
}

/** A direct get of one message (ADR-31). */
export function direct({ config }: SimulatedStream, message: SimulatedMessage | undefined): Answer {
  if (!message) return { headers: statusHeaders(404, 'Message Not Found') };
  return madeOnce(asDirect, message, () => directAnswer(config.name, message));
}

function directAnswer(stream: string, message: SimulatedMessage): Answer {
  const headers = new Map(message.headers);
  headers.set('Nats-Stream', stream);
  headers.set('Nats-Subject', message.subject);
  headers.set('Nats-Sequence', String(message.seq));
  headers.set('Nats-Time-Stamp', new Date(message.time).toISOString());
  return { data: message.data, headers: writeHeaders(headers) };
}

/** A direct get of several, or of one that its sequence number names. */
export function directBatch(
  stream: SimulatedStream,
  body: { multi_last?: string[]; seq?: number; next_by_subj?: string; batch?: number },
): Answer[] {
  const { multi_last, batch = 1 } = body;
  if (!multi_last && body.batch === undefined) return [direct(stream, find(stream, body))];
  const { seq = 0, next_by_subj = '>' } = body;
  const all = multi_last
    ? multi_last.map(stream.last).filter(message => message !== undefined)
    : stream.messages.filter(message => message.seq >= seq && matches(next_by_subj, message.subject));
  const answered = all.slice(0, batch);
  if (answered.length === 0) return [{ headers: statusHeaders(404, 'No Results') }];
  const end = new Map([
    ['Nats-Num-Pending', String(all.length - answered.length)],
    ['Nats-UpTo-Sequence', String(stream.lastSeq)],
  ]);
  return [...answered.map(message => direct(stream, message)), { headers: writeHeaders(end, 204, 'EOB') }];
}

function madeOnce(
  made: WeakMap<SimulatedMessage, Answer>,
  message: SimulatedMessage,
  make: (message: SimulatedMessage) => Answer,
): Answer {
  const known = made.get(message);
  if (known) return known;
  const answer = make(message);
  made.set(message, answer);
  return answer;
}
