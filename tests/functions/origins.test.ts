/** Where buckets take their items from: patterns that are none, and streams that are no buckets. */

import { expect, test } from '@jest/globals';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { eventually } from '../support/eventually.ts';
import { startKvflow } from '../support/kvflow.ts';
import { asOfficial } from '../support/official.ts';
import { connectPatiently } from '../support/patient-nats.ts';

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
  'kv-bucket-create - a filter %s that is no pattern is refused, by kv-bucket-update too, for it would copy nothing for ever',
  async (_what, options, pointer) => {
    await using k = await startKvflow();
    for (const bucket of ['a', 'b']) await k.call('kv-bucket-create', { bucket });
    const refused = {
      code: 'INVALID_INPUT',
      errors: [{ pointer, message: expect.stringContaining('is no key pattern') }],
    };
    expect(await k.fail('kv-bucket-create', { bucket: 'copy', ...options })).toMatchObject(refused);
    if ('mirror' in options) return;
    await k.call('kv-bucket-create', { bucket: 'copy', sources: [{ name: 'a' }] });
    expect(await k.fail('kv-bucket-update', { bucket: 'copy', ...options })).toMatchObject(refused);
    expect(await k.call('kv-bucket-info', { bucket: 'copy' })).toMatchObject({ sources: [{ name: 'a' }] });
  },
);

test('kv-bucket-update - a source whose filter is no pattern is refused as it is when a bucket is made', async () => {
  await using k = await startKvflow();
  for (const bucket of ['a', 'b']) await k.call('kv-bucket-create', { bucket });
  const sources = [{ name: 'a', filter_subject: 'na*' }];
  expect(await k.fail('kv-bucket-update', { bucket: 'b', sources })).toMatchObject({
    code: 'INVALID_INPUT',
    errors: [{ pointer: '/sources/0/filter_subject' }],
  });
});

test('kv-bucket-create - a source may be a plain stream, as Go clients have it, and is read back as it was given', async () => {
  await using k = await startKvflow();
  const nc = await connectPatiently(asOfficial(k.joined));
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
    // Without them it would be a bucket that is not there yet, and what is gathered would stay empty.
    for (const [at, origins] of [
      ['/sources/1', { sources: [...sources, { name: 'ORDERS' }] }],
      ['/sources/0', { sources: [{ name: 'ORDERS', filter_subject: 'orders.1' }] }],
      ['/mirror', { mirror: { name: 'ORDERS' } }],
    ] as const)
      expect(await k.fail('kv-bucket-create', { bucket: 'empty', ...origins })).toMatchObject({
        code: 'INVALID_INPUT',
        errors: [{ pointer: `${at}/name`, message: expect.stringContaining('"$KV.empty.>"') }],
      });
    const changed = { bucket: 'gathered', sources: [{ name: 'ORDERS' }] };
    expect(await k.fail('kv-bucket-update', changed)).toMatchObject({ code: 'INVALID_INPUT' });
    // And so may a mirror, which then can be read alone.
    const transforms = [{ src: 'orders.*', dest: '$KV.copied.order.{{wildcard(1)}}' }];
    const mirror = { name: 'ORDERS', subject_transforms: transforms };
    const copied = { bucket: 'copied', mirror };
    expect(await k.call('kv-bucket-create', copied)).toMatchObject({ mirror, created: true });
    expect(await k.call('kv-bucket-create', copied)).toMatchObject({ created: false });
    await eventually(async () =>
      expect(await k.call('kv-key-list', { bucket: 'copied' })).toMatchObject({
        items: [{ key: 'order.1', value: 'one' }],
      }),
    );
    expect(await k.call('kv-key-get', { bucket: 'copied', key: 'order.1' })).toMatchObject({ value: 'one' });
    expect(await k.call('kv-bucket-list', {})).toMatchObject({ total: 2 });
    expect(await k.fail('kv-key-put', { bucket: 'copied', key: 'order.2', value: 'x' })).toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('ORDERS'),
    });
    await k.call('kv-bucket-update', { bucket: 'copied', mirror: null });
    await k.call('kv-key-put', { bucket: 'copied', key: 'order.1', value: 'two', expected_revision: 1 });
    expect(await k.call('kv-key-get', { bucket: 'copied', key: 'order.1' })).toMatchObject({ value: 'two' });
  } finally {
    await nc.close();
  }
});
