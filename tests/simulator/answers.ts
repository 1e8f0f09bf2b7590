import type { Msg, MsgHdrs } from '@nats-io/transport-node';
import { statusHeaders } from './headers.ts';
import type { SimulatedMessage } from './stream.ts';

/** What is sent to an inbox. */
export interface Answer {
  /** Where it comes under another subject than was asked for: what a consumer delivers. */
  subject?: string;
  reply?: string;
  data?: Uint8Array | string;
  headers?: MsgHdrs;
}

/** Nobody listens on the subject. */
export function nobody(): Answer {
  return { headers: statusHeaders(503, 'No Responders') };
}

/** Over what was written last, which may be the very write that is refused. */
export function refusal(last: SimulatedMessage | undefined): Answer {
  return error(400, 10071, `wrong last sequence: ${last?.seq ?? 0}`);
}

/** Of the JetStream API. */
export function error(code: number, err_code: number, description: string): Answer {
  return { data: JSON.stringify({ error: { code, err_code, description } }) };
}

/** As the client library hands it over. */
export function toMsg(inbox: string, { subject = inbox, reply, data = '', headers }: Answer): Msg {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  const string = () => (typeof data === 'string' ? data : Buffer.from(data).toString());
  return { subject, reply, data: bytes, headers, string, json: () => JSON.parse(string()) } as unknown as Msg;
}
