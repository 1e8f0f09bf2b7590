/** What of the server's words a listing hears, as tests say them. */
import type { Msg } from '@nats-io/transport-node';
import type { BucketHandle } from '../../../runtime/nats/kv/bucket/handles.ts';
import { plainKeys } from '../../../runtime/nats/kv/bucket/key-codec.ts';

let consumerName = '';

/** A bucket whose stream has three messages for every consumer. */
export const handle = {
  bucket: 'b',
  stream: 'KV_b',
  readPrefix: '$KV.b.',
  codec: plainKeys,
  config: { max_msgs_per_subject: 1 },
  api: {
    prefix: '$JS.API',
    ask: async (_call: unknown, _endpoint: string, { config }: { config: { name: string } }) => {
      consumerName = config.name;
      return { num_pending: 3 };
    },
  },
} as unknown as BucketHandle;

/** A message of a key as it is read. */
export const stored = (seq: number) => ({
  subject: `$KV.b.key.${seq}`,
  seq,
  time: 0,
  data: new Uint8Array(0),
  headers: undefined,
});

/** A message as the last consumer of {@link handle} delivers it, with so many behind it. */
export function delivered(seq: number, pending: number): Msg {
  const reply = `$JS.ACK.KV_b.${consumerName}.1.${seq}.${seq}.1000000.${pending}`;
  return { subject: `$KV.b.key.${seq}`, reply, data: new Uint8Array(0) } as Msg;
}
