/** Where buckets take their items from: patterns that are none, and streams that are no buckets. */

import { expect, test } from '@jest/globals';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { eventually } from '../support/eventually.ts';
import { startKvflow } from '../support/kvflow.ts';

test.each<[what: string, options: object, pointer: string]>([
  ['of a mirror', { mirror: { name: 'a', filter_subject: 'na*' } }, '/mirror/filter_subject'],
  ['of a source', { sources: [{ name: 'a', filter_subject: 'a..b' }] }, '/sources/0/filter_subject'],
  [
    'with > in its middle',
    { sources: [{ name: 'a' }, { name: 'b', filter_subject: 'a.>.b' }] },
    '/sources/1/filter_subject',
  ],
  [
    'of a transform',
    { mirror: { name: 'a', subject_transforms: [{ src: 'x*.y', dest: 'z' }] } },
    '/mirror/subject_transforms/0/src',
  ],
])(
  'kv-bucket-create - a filter %s that is no pattern is refused, for it would copy nothing for ever',
  async (_what, options, pointer) => {
    await using k = await startKvflow();
    for (const bucket of ['a', 'b']) await k.call('kv-bucket-create', { bucket });
    expect(await k.fail('kv-bucket-create', { bucket: 'copy', ...options })).toMatchObject({
      code: 'INVALID_INPUT',
      errors: [{ pointer, message: expect.stringContaining('is no key pattern') }],
    });
  },
);

test('kv-bucket-create - a source may be a plain stream, as Go clients have it, and is read back as it was given', async () => {
  await using k = await startKvflow();
  const nc = await connect({ servers: k.server.url });
  try {
    const jsm = await jetstreamManager(nc);
    await jsm.streams.add({ name: 'ORDERS', subjects: ['orders.>'] });
    await jetstream(nc).publish('orders.1', 'one');
    const sources = [{ name: 'ORDERS', subject_transforms: [{ src: 'orders.>', dest: '$KV.gathered.>' }] }];
    expect(await k.call('kv-bucket-create', { bucket: 'gathered', sources })).toMatchObject({ sources });
    await eventually(async () =>
      expect(await k.call('kv-key-get', { bucket: 'gathered', key: '1' })).toMatchObject({ value: 'one' }),
    );
    expect(await k.call('kv-bucket-create', { bucket: 'gathered', sources })).toMatchObject({
      created: false,
    });
  } finally {
    await nc.close();
  }
});
