import type { NatsConnectionImpl } from '@nats-io/nats-core/internal';
import type { MsgHdrs, MsgHdrsImpl, NatsConnection } from '@nats-io/transport-node';

/** Messages that are sent one after the other, with nothing between them. */
export interface Row {
  /** Adds one; throws what the library throws of a message that it does not send. */
  publish(subject: string, payload: Uint8Array, reply: string, headers?: MsgHdrs): void;
  /** Sends what was not sent yet. */
  end(): void;
}

/** What is written at once: a thousand small messages. Several pieces the library copies into one. */
const PIECE = 128 * 1024;
/** Where the last row left so much of its piece, the next one goes on there: to make one costs more than a few small messages. */
const SPARE = PIECE / 2;
/** Larger messages are left to the library: what it does for each is not felt beside their bytes. */
const MAX_SMALL = 4 * 1024;
const WHITESPACE = /\s/;
const [CR, LF] = [0x0d, 0x0a];

let spare: Buffer | undefined;

/**
 * Begins a row of many messages, which are written into pieces of many each: the library checks and encodes each message into
 * arrays of its own, which for small ones takes longer than all else that is done for them.
 */
export function beginRow(nc: NatsConnection): Row {
  const { protocol, info } = nc as NatsConnectionImpl;
  // What the server may not take is the library's to refuse.
  const most = info?.headers ? Math.min(MAX_SMALL, info.max_payload) : 0;
  let piece: Buffer | undefined;
  /** Of the piece, what is sent and what is written. */
  let [sent, length] = [0, 0];
  return { publish, end };

  function publish(subject: string, payload: Uint8Array, reply: string, headers?: MsgHdrs): void {
    const head = (headers as MsgHdrsImpl | undefined)?.encode();
    const size = payload.length + (head?.length ?? 0);
    if (size > most || WHITESPACE.test(subject)) {
      send();
      nc.publish(subject, payload, headers ? { reply, headers } : { reply });
      return;
    }
    const line = head
      ? `HPUB ${subject} ${reply} ${head.length} ${size}\r\n`
      : `PUB ${subject} ${reply} ${size}\r\n`;
    piece = withRoom(3 * line.length + size + 2);
    length += piece.write(line, length);
    if (head) add(piece, head);
    add(piece, payload);
    piece[length++] = CR;
    piece[length++] = LF;
  }

  function add(to: Buffer, bytes: Uint8Array): void {
    to.set(bytes, length);
    length += bytes.length;
  }

  function withRoom(bytes: number): Buffer {
    if (piece && length + bytes <= piece.length) return piece;
    send();
    [sent, length] = [0, 0];
    if (piece || !spare) return Buffer.allocUnsafeSlow(PIECE);
    const left = spare;
    // Nobody else writes there meanwhile.
    spare = undefined;
    return left;
  }

  /** What was sent is the library's until it has left: it is never written over. */
  function send(): void {
    if (piece && length > sent) protocol.sendCommand(piece.subarray(sent, length));
    sent = length;
  }

  function end(): void {
    send();
    if (piece && piece.length - length >= SPARE) spare = piece.subarray(length);
    piece = undefined;
    [sent, length] = [0, 0];
  }
}
