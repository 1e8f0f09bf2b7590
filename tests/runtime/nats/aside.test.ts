/** A bucket that is copied by several at once, each of whom holds it still for a moment. */
import { expect, test } from '@jest/globals';
import { createJsApi } from '../../../runtime/nats/js-api.ts';
import { markOf, moveAside, putBack } from '../../../runtime/nats/kv/bucket/aside.ts';
import { calls } from '../../support/calls.ts';
import { joinNats, startKvflow } from '../../support/kvflow.ts';
import { PATIENCE } from '../../support/patience.ts';

const bucket = 'b';
const stream = `KV_${bucket}`;

test('aside - a bucket that a second one moves aside before the first has put it back has its subjects in the end', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket });
  const api = createJsApi(k.nats.requests);
  const call = { deadline: Date.now() + 10_000 * PATIENCE };
  for (const id of ['first', 'second']) await moveAside(call, api, await api.streamInfo(call, stream), id);
  expect(await putBack(call, api, stream, 'first')).toBe(false);
  expect(await putBack(call, api, stream, 'second')).toBe(true);
  expect((await api.streamInfo(call, stream)).config.subjects).toEqual([`$KV.${bucket}.>`]);
  await calls.put(k, { bucket, key: 'a', value: 'x' });
});

test.each([
  ['no word', undefined],
  ['a mark that has nothing else', { id: 'gone', at: 1, subjects: [`kvflow.aside.${stream}`] }],
])(
  'aside - a bucket that two copies of builds before left aside with %s of what its subjects were takes writes again',
  async (_what, mark) => {
    await using k = await startKvflow();
    await calls.create(k, { bucket });
    await calls.put(k, { bucket, key: 'a', value: 'before' });
    const api = createJsApi(k.nats.requests);
    const call = { deadline: Date.now() + 10_000 * PATIENCE };
    const { config } = await api.streamInfo(call, stream);
    const metadata = { ...config.metadata, ...(mark && { 'kvflow.aside': JSON.stringify(mark) }) };
    const aside = { ...config, subjects: [`kvflow.aside.${stream}`], metadata };
    await api.ask(call, `STREAM.UPDATE.${stream}`, aside, stream);
    await using after = joinNats(k.joined);
    expect((await calls.get(after, { bucket, key: 'a' })).value).toBe('before');
    await calls.put(after, { bucket, key: 'a', value: 'after' });
    expect((await api.streamInfo(call, stream)).config).toMatchObject({ subjects: config.subjects });
    expect(markOf((await api.streamInfo(call, stream)).config)).toBeUndefined();
  },
);

test('clone - several of one bucket at once, while it is written to, leave it as it was', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket, history: 5 });
  let done = false;
  const writing = async () => {
    for (let turn = 0; !done; turn++) await calls.put(k, { bucket, key: `a.${turn % 50}`, value: `${turn}` });
  };
  const writers = [writing(), writing()];
  const clones = Array.from({ length: 4 }, (_, i) => k.invoke('kv-bucket-clone', { bucket, to: `to-${i}` }));
  await Promise.all(clones);
  done = true;
  await Promise.all(writers);
  await calls.put(k, { bucket, key: 'a', value: 'x' });
}, 60_000);
