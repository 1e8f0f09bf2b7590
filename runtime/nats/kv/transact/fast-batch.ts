import type { Msg } from '@nats-io/transport-node';
import type { Call } from '../../../core/call.ts';
import { traced } from '../../../core/trace.ts';
import type { ApiError } from '../../errors.ts';
import type { Inbox } from '../../inboxes.ts';
import { isNoResponders } from '../../js-api.ts';
import type { Requests } from '../../requests.ts';
import { spanOf } from '../../span-of.ts';
import type { BucketHandle } from '../bucket/handles.ts';
import type { Outgoing } from '../write/outgoing.ts';
import { outcomeUnknown, untilBack } from '../write/refusals.ts';

/** What became of a fast batch. */
export interface FastOutcome {
  /** So many of its messages are stored, the first ones. */
  stored: number;
  /**
   * False: none of those behind them is stored, the first of them having been refused. True: answers were lost, and each of them may
   * be stored or not; none is stored later any more.
   */
  isOpen: boolean;
}

/** Stores messages of one bucket one after the other, up to the first that is refused. Throws TIMEOUT where it cannot be told. */
export type SendFast = (
  call: Call,
  handle: BucketHandle,
  messages: readonly Outgoing[],
) => Promise<FastOutcome>;

/** What the server answers: on the way how far it is, at the end, with the batch's name, how many it stored. */
interface Said {
  type?: 'ack' | 'gap' | 'err';
  seq: number;
  batch?: string;
  count?: number;
  error?: ApiError;
}

/** How the listening ended: with the server's last word on the batch, with its saying that it knows of none, or in silence. */
interface Heard {
  batch: string;
  ending: 'word' | 'unknown' | 'silence';
  stored: number;
}

/** What a message is to its batch. */
const OPERATION = { start: 0, append: 1, commit: 2, end: 3, ping: 4 };
/** After so many messages the server says how far it is; it may do so more often. */
const FLOW = 500;
/** JetStream's codes: the bucket takes no batches any more; the server does not know this one, or not any more. */
const CODE = { disabled: 10205, unknown: 10208 };
const SILENCE_MS = 900;
/** A server that does not even say how far it is when it is asked. */
const MAX_SILENCES = 3;

/**
 * Makes the sender of one connection (ADR-50, fast ingest, nats-server 2.14). The server stores what comes as it comes, and
 * undoes nothing: at the first message that it refuses, or that is missing, it ends the batch and says how many it has stored. Where its
 * word is lost, the batch is ended by a message of its own, so that what is still on its way is not stored behind the back of
 * one who writes it again.
 */
export function createSendFast(requests: Requests): SendFast {
  return (call, handle, messages) => {
    const subject = handle.writeSubject(messages[0]?.key ?? '');
    return traced(
      () => spanOf(subject),
      async () => {
        await requests.ready(call);
        const sent = await send(call, { handle, messages, subject });
        if (sent.ending === 'word') return { stored: sent.stored, isOpen: false };
        const behind = `${sent.batch}.${tokenOf(messages.length + 1, OPERATION.end)}`;
        const { ending, stored } = await end(call, { handle, subject, behind });
        return { stored: Math.max(sent.stored, stored), isOpen: ending !== 'word' };
      },
    );
  };

  function send(call: Call, { handle, messages, subject }: Sending): Promise<Heard> {
    const last = messages.length;
    return listen(call, {
      last,
      lastSubject: handle.writeSubject(messages.at(-1)?.key ?? ''),
      subject,
      begin: inbox => {
        const row = inbox.beginRow();
        for (let at = 1; at <= last; at++) {
          const { key, value, headers } = messages[at - 1] as Outgoing;
          row.publish(handle.writeSubject(key), value, tokenOf(at, operationOf(at, last)), headers);
        }
        row.end();
      },
      ask: inbox => inbox.publish(subject, '', tokenOf(last, OPERATION.ping)),
      endBehind: inbox => inbox.publish(subject, '', tokenOf(last + 1, OPERATION.end)),
    });
  }

  /** An ordinary request first: it waits until NATS is back, and finds another server where this one hangs. */
  async function end(call: Call, { handle, subject, behind }: Ending): Promise<Heard> {
    while (Date.now() < call.deadline) {
      const heard = await untilBack(call, async () => {
        await handle.origin.api.streamInfo(call, handle.origin.stream);
        return await listen(call, {
          subject,
          begin: inbox => inbox.publish(subject, '', behind),
        });
      });
      if (heard.ending !== 'silence') return heard;
    }
    throw outcomeUnknown();
  }

  function listen(call: Call, talk: Talk): Promise<Heard> {
    const { subject, begin, ask, endBehind, last = 1, lastSubject } = talk;
    return new Promise(resolve => {
      let stored = 0;
      let silences = 0;
      const inbox = requests.openInbox({ onMessage, onDenied, onLost: () => finish('silence') });
      const timer = setInterval(onSilence, SILENCE_MS);
      attempt(() => begin(inbox));

      function onMessage(msg: Msg): void {
        const at = Number(msg.subject.split('.').at(-3));
        if (isNoResponders(msg)) finish(at === 1 ? 'word' : 'silence');
        else onSaid(msg.json<Said>(), at);
      }

      function onSaid({ type, seq, batch, count = 0, error }: Said, at: number): void {
        if (type === 'ack') onProgress(seq);
        else if (batch !== undefined && !error) finish('word', count);
        else if (!type && error) onRefused(error, at);
      }

      /** A server that only says again how far it is may wait for what it never gets. */
      function onProgress(seq: number): void {
        if (seq <= stored) return;
        stored = seq;
        silences = 0;
      }

      /**
       * Without its first message there is no batch, and without its last one it does not end: it is ended behind it, which is answered
       * after a word that is on its way. One in the middle leaves a gap.
       */
      function onDenied(denied: string): void {
        if (denied === subject) finish('word');
        else if (denied === lastSubject && endBehind) attempt(() => endBehind(inbox));
      }

      /** One in the middle leaves a gap, with which the batch ends by itself. */
      function onRefused({ err_code }: ApiError, at: number): void {
        if (at === 1) finish('word');
        else if (err_code === CODE.unknown || err_code === CODE.disabled) finish('unknown');
        else if (at === last) finish('silence');
      }

      function onSilence(): void {
        silences += 1;
        if (!ask || silences > MAX_SILENCES || Date.now() >= call.deadline) finish('silence');
        else attempt(() => ask(inbox));
      }

      /** The connection may go at any time; what was sent by then is not known to be stored or not. */
      function attempt(work: () => void): void {
        try {
          work();
        } catch {
          finish('silence');
        }
      }

      function finish(ending: Heard['ending'], count = stored): void {
        clearInterval(timer);
        inbox.close();
        resolve({ batch: inbox.id, ending, stored: count });
      }
    });
  }
}

interface Sending {
  handle: BucketHandle;
  messages: readonly Outgoing[];
  /** Where a question about the batch goes. */
  subject: string;
}

interface Ending {
  handle: BucketHandle;
  subject: string;
  /** Token of the message that ends it. */
  behind: string;
}

interface Talk {
  /** That of the first message. */
  subject: string;
  begin(inbox: Inbox): void;
  /** Asks how far the server is. Default: it is not asked. */
  ask?(inbox: Inbox): void;
  /** Ends the batch where its last message is denied. Default: the only message is the last. */
  endBehind?(inbox: Inbox): void;
  /** Place of the last message. */
  last?: number;
  /** Where that is written. Default: it is the only one. */
  lastSubject?: string;
}

function operationOf(at: number, last: number): number {
  if (at === last) return OPERATION.commit;
  return at === 1 ? OPERATION.start : OPERATION.append;
}

/** What the reply subject says behind the batch's name: a gap ends the batch. */
function tokenOf(at: number, operation: number): string {
  return `${FLOW}.fail.${at}.${operation}.$FI`;
}
