import type { Msg } from '@nats-io/transport-node';
import type { Call } from '../core/call.ts';
import type { Requests } from './requests.ts';

/** The last messages of subjects as some copy of a stream has them, and how far that copy had come. */
export interface Newest {
  /** As a direct get answers them. */
  messages: Msg[];
  /** The last revision that it had; 0: it does not say, as where it has no such message. */
  upTo: number;
  /** Whether there are no more. */
  isWhole: boolean;
}

/** Which of them. */
export interface AskedNewest {
  stream: string;
  subjects: readonly string[];
  /** Called at each word of the answer. */
  heard?: () => void;
}

/** Asks whichever copy answers. Asked for several, it says to which revision its answer is (ADR-31). */
export async function askNewest(
  call: Call,
  { requests, prefix }: { requests: Pick<Requests, 'collect'>; prefix: string },
  { stream, subjects, heard }: AskedNewest,
): Promise<Newest> {
  let newest: Newest = { messages: [], upTo: 0, isWhole: false };
  const request = JSON.stringify({ multi_last: subjects, batch: subjects.length });
  await requests.collect(call, `${prefix}.DIRECT.GET.${stream}`, request, () => {
    newest = { messages: [], upTo: 0, isWhole: false };
    return msg => {
      heard?.();
      const isEnd = msg.data.length === 0 && Boolean(msg.headers?.code);
      if (!isEnd) newest.messages.push(msg);
      else if (msg.headers?.code === 204) {
        newest.upTo = Number(msg.headers.get('Nats-UpTo-Sequence') || 0);
        newest.isWhole = Number(msg.headers.get('Nats-Num-Pending') || 0) === 0;
      }
      return isEnd;
    };
  });
  return newest;
}
