/** @kvflow/client over NATS, against a real kvflow. */
import { expect, test } from '@jest/globals';
import { type ErrorsOf, isErrorOf, KvflowError } from '../../hosts/client/src/index.ts';
import { createNatsClient } from '../../hosts/client/src/nats.ts';
import { serveFunctions } from '../../runtime/nats/service/service.ts';
import { forAll } from '../support/for-all.ts';
import { registry, startKvflow } from '../support/kvflow.ts';
import { asOfficial } from '../support/official.ts';
import { connectPatiently } from '../support/patient-nats.ts';
import { all, valuesThrough } from './support/client-works.ts';

const kvflow = forAll(startKvflow);

test('client over NATS - the same methods, errors and watch, through the service that kvflow is there', async () => {
  const { connection: own } = kvflow.nats;
  const service = serveFunctions({
    connection: own,
    registry,
    invoke: kvflow.invoke,
    log: { info: () => undefined, warn: () => undefined },
  });
  await service.started;
  const nc = await connectPatiently(asOfficial(kvflow.joined));
  try {
    const client = createNatsClient({ connection: nc });
    await client.kvBucketCreate({ bucket: 'over-nats' });
    const put = await client.kvKeyPut({ bucket: 'over-nats', key: 'a', value: { n: 1 } });
    expect(put.revision).toBe(1);
    const failed = await client
      .kvKeyGet({ bucket: 'over-nats', key: 'none' })
      .catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(KvflowError);
    expect(failed).toMatchObject({ code: 'KEY_NOT_FOUND', status: 404, retryable: false });
    if (isErrorOf('kv-key-get', failed)) {
      const code: ErrorsOf<'kv-key-get'> | 'UNREACHABLE' = failed.code;
      expect(code).toBe('KEY_NOT_FOUND');
      // @ts-expect-error A code that kv-key-get never answers.
      expect(failed.code === 'SCRIPT_TIMEOUT').toBe(false);
    }
    const ended = new AbortController();
    const seen: string[] = [];
    for await (const { key, id } of client.watch('over-nats', { start: 'history', signal: ended.signal })) {
      expect(id).toMatch(/^\d+-/);
      seen.push(key);
      if (seen.length === 1) await client.kvKeyPut({ bucket: 'over-nats', key: 'b', value: 'x' });
      else ended.abort();
    }
    expect(seen).toEqual(['a', 'b']);
    const [change] = await all(client.watch('over-nats', { start: 'current' }), 1);
    await client.kvBucketDelete({ bucket: 'over-nats', confirm: 'over-nats' });
    await client.kvBucketCreate({ bucket: 'over-nats' });
    await client.kvKeyPut({ bucket: 'over-nats', key: 'c', value: 'x' });
    const told: string[] = [];
    const anew = { after: change?.id ?? '', onReset: (reason: string) => void told.push(reason) };
    expect(await all(client.watch('over-nats', anew), 1)).toMatchObject([{ key: 'c' }]);
    expect(told).toEqual(['bucket_made_again']);
    await valuesThrough(kvflow, 'client-nats', client);
    await expect(client.watch('nowhere').next()).rejects.toMatchObject({ code: 'BUCKET_NOT_FOUND' });
    await service.stop();
    const alone = createNatsClient({ connection: nc, retries: 0 });
    await expect(alone.kvBucketList({})).rejects.toMatchObject({
      code: 'UNREACHABLE',
      retryable: true,
      message: expect.stringContaining('kvflow.fn.kv-bucket-list'),
    });
    const silent = nc.subscribe('kvflow.fn.kv-bucket-list');
    const hurried = createNatsClient({ connection: nc, timeoutMs: 20 });
    await expect(hurried.kvBucketList({})).rejects.toMatchObject({ code: 'TIMEOUT', retryable: false });
    silent.unsubscribe();
  } finally {
    await nc.close();
  }
});

test('client over NATS - a watch goes on at the id of an event, where the event says more than its revision', async () => {
  const asked: unknown[] = [];
  const end = (key: string, id: string) => ({ key, operation: 'expire', revision: 2, id });
  const events = [end('a', '50-mdw2k8a0mdw2k8a12'), end('b', '50-mdw2k8a0mdw2k8a14')];
  const connection = {
    request: async (_subject: string, payload: string) => {
      asked.push(JSON.parse(payload));
      if (asked.length === 2) throw new Error('the connection is lost');
      const data = {
        events: asked.length === 1 ? events : [end('c', '50-mdw2k8a0mdw2k8a16')],
        next_id: '50-mdw2k8a0mdw2k8a14',
      };
      return { data: new TextEncoder().encode(JSON.stringify({ status_code: 200, data })) };
    },
  };
  const ids: string[] = [];
  for await (const { id } of createNatsClient({ connection }).watch('b', { after: '49-mdw2k8a0' })) {
    ids.push(id);
    if (ids.length === 3) break;
  }
  expect(ids).toEqual([...events.map(({ id }) => id), '50-mdw2k8a0mdw2k8a16']);
  expect(asked).toMatchObject([{ after_id: '49-mdw2k8a0' }, { after_id: ids[1] }, { after_id: ids[1] }]);
});
