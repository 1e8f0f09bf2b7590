/** What became of a write or commit whose answer was lost, or is a former leader's, where who is asked for it does not know it yet or is away. */
import { expect, test } from '@jest/globals';
import type { Msg } from '@nats-io/transport-node';
import { headers } from '@nats-io/transport-node';
import { PackError } from '../../../contract/errors.ts';
import type { KvEntry } from '../../../runtime/core/ports/items.ts';
import type { JsApi } from '../../../runtime/nats/js-api.ts';
import { createJsApi } from '../../../runtime/nats/js-api.ts';
import { createNatsKv } from '../../../runtime/nats/kv/store.ts';
import { connectionLost, unavailable } from '../../../runtime/nats/request-errors.ts';
import type { Requests } from '../../../runtime/nats/requests.ts';
import { startKvflow } from '../../support/kvflow.ts';
import { soon } from '../../support/soon.ts';

const bucket = 'b';
/** A server that says that it is one of several, with what is between it and kvflow in the hands of the test. */
async function startOneOfSeveral() {
  await using stack = new AsyncDisposableStack();
  const k = stack.use(await startKvflow());
  const { requests, connection } = k.nats;
  const between: Pick<Requests, 'askInRow' | 'collect'> & { publish: Requests['ask'] } = {
    publish: requests.ask,
    askInRow: requests.askInRow,
    collect: requests.collect,
  };
  const hooked: Requests = {
    ...requests,
    ask: (...asked) => between.publish(...asked),
    askInRow: (...asked) => between.askInRow(...asked),
    collect: (...asked) => between.collect(...asked),
  };
  const own = createJsApi(hooked);
  const api: JsApi = {
    ...own,
    streamInfo: async (...asked) => ({
      ...(await own.streamInfo(...asked)),
      cluster: { name: 'c', leader: 'one' },
    }),
  };
  const kv = createNatsKv({ requests: hooked, api, connecting: connection });
  await kv.createBucket(soon(), bucket, {});
  for (const key of ['a', 'b']) await kv.put(soon(), { bucket, key, value: '0' });
  const transact = async () =>
    await kv.transact(soon(), {
      bucket,
      operations: [
        { op: 'put', key: 'a', value: '1', expectedRevision: 1 },
        { op: 'put', key: 'b', value: '1' },
      ],
    });
  const kept = stack.move();
  return { between, requests, kv, transact, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

test('transact - a commit whose answer was lost is found though a replica that has not got it yet is asked first', async () => {
  await using k = await startOneOfSeveral();
  let [sent, behind] = [0, 0];
  k.between.askInRow = async (...asked) => {
    const answer = await k.requests.askInRow(...asked);
    sent += 1;
    if (sent === 1) throw connectionLost();
    return answer;
  };
  k.between.collect = async (call, subject, payload, begin) => {
    if (sent < 2 || behind > 0) return await k.requests.collect(call, subject, payload, begin);
    behind += 1;
    const hear = begin();
    for (const [seq, key] of ['a', 'b'].entries()) hear(storedBefore(seq + 1, key));
    hear(endOf(2));
  };
  const { results } = await k.transact();
  expect(results.map(({ revision }) => revision)).toEqual([3, 4]);
  expect([sent, behind]).toEqual([2, 1]);
});

test('transact - what a former leader refuses and the present one has stored is asked for until it is answered', async () => {
  await using k = await startOneOfSeveral();
  let refused = false;
  k.between.askInRow = async (...asked) => {
    await k.requests.askInRow(...asked);
    refused = true;
    return refusal('wrong last sequence: 3');
  };
  let away = 0;
  k.between.collect = async (...asked) => {
    if (refused && ++away <= 2) throw unavailable();
    return await k.requests.collect(...asked);
  };
  const { results } = await k.transact();
  expect(results.map(({ revision }) => revision)).toEqual([3, 4]);
  expect(away).toBe(3);
});

test('transact - what a former leader refuses over itself, and somebody ends before it is looked for, is not written again', async () => {
  await using k = await startOneOfSeveral();
  const { kv } = k;
  let sent = 0;
  k.between.publish = async (...asked) => {
    const answer = await k.requests.ask(...asked);
    if (asked[1] !== `$KV.${bucket}.new` || sent++ > 0) return answer;
    await kv.remove(soon(), { bucket, key: 'new', operation: 'purge' });
    return refusal('wrong last sequence: 3');
  };
  const write = async () =>
    await kv.transact(soon(), {
      bucket,
      operations: [{ op: 'put', key: 'new', value: '1', expectedRevision: 0 }],
    });
  await expect(write()).rejects.toMatchObject({
    code: 'REVISION_CONFLICT',
    message: 'Key "new" of bucket "b" was there, and has ended meanwhile. Read it again and decide anew.',
  });
  // Its write, and the marker of its end.
  expect((await kv.bucketInfo(soon(), bucket)).last_seq).toBe(4);
  // Refused over the marker that is there still, it is stored on top of it.
  expect((await write()).results).toEqual([{ revision: 5 }]);
});

test('transact - what a former leader refuses over itself, and others take and end between two looks at it, is not written again', async () => {
  await using k = await startOneOfSeveral();
  const { kv } = k;
  const steps = [
    { after: `$KV.${bucket}.new`, others: () => kv.put(soon(), { bucket, key: 'new', value: 'taken' }) },
    {
      after: `$JS.API.STREAM.MSG.GET.KV_${bucket}`,
      others: () => kv.remove(soon(), { bucket, key: 'new', operation: 'purge' }),
    },
  ];
  k.between.publish = async (...asked) => {
    const answer = await k.requests.ask(...asked);
    if (asked[1] !== steps[0]?.after) return answer;
    const isWrite = steps.length === 2;
    await steps.shift()?.others();
    return isWrite ? refusal('wrong last sequence: 3') : answer;
  };
  const write = kv.transact(soon(), {
    bucket,
    operations: [{ op: 'put', key: 'new', value: '1', expectedRevision: 0 }],
  });
  await expect(write).rejects.toMatchObject({ code: 'REVISION_CONFLICT', details: { current_revision: 4 } });
  // Its write, that of who took it, and the marker of its end.
  expect((await kv.bucketInfo(soon(), bucket)).last_seq).toBe(5);
});

test('transact - a commit of new keys that is refused over itself, and that somebody ends before it is looked for, is not written again', async () => {
  await using k = await startOneOfSeveral();
  const { kv } = k;
  const write = async (keys: readonly string[], ended: readonly string[]) => {
    let sent = 0;
    k.between.askInRow = async (...asked) => {
      const answer = await k.requests.askInRow(...asked);
      if (sent++ > 0) return answer;
      for (const key of ended) await kv.remove(soon(), { bucket, key, operation: 'purge' });
      return refusal('wrong last sequence: 3');
    };
    const operations = keys.map(key => ({ op: 'put' as const, key, value: '1', expectedRevision: 0 }));
    return await kv.transact(soon(), { bucket, operations });
  };
  const stored = { code: 'TIMEOUT', retryable: false, details: { stored: true } };
  await expect(write(['a.new', 'b.new'], ['a.new', 'b.new'])).rejects.toMatchObject(stored);
  // The commit, and the markers of its end.
  expect((await kv.bucketInfo(soon(), bucket)).last_seq).toBe(6);
  // Refused over markers that are there still, it is stored on top of them.
  const { results } = await write(['a.new', 'b.new'], []);
  expect(results.map(({ revision }) => revision)).toEqual([7, 8]);
  // What is left of it says where it is stored.
  const found = await write(['c.new', 'd.new'], ['c.new']);
  expect(found.results.map(({ revision }) => revision)).toEqual([9, 10]);
  expect((await kv.bucketInfo(soon(), bucket)).last_seq).toBe(11);
});

test('transact - a change that is refused over itself, and that others change before it is looked for, is not made again', async () => {
  await using k = await startOneOfSeveral();
  const { kv } = k;
  const othersWrite = async () => {
    k.between.publish = k.requests.ask;
    k.between.askInRow = k.requests.askInRow;
    await kv.put(soon(), { bucket, key: 'a', value: '01+' });
    return refusal('wrong last sequence: 3');
  };
  k.between.publish = async (...asked) => {
    const answer = await k.requests.ask(...asked);
    return asked[1] === `$KV.${bucket}.a` ? await othersWrite() : answer;
  };
  k.between.askInRow = async (...asked) => {
    await k.requests.askInRow(...asked);
    return await othersWrite();
  };
  const addOne = {
    op: 'change' as const,
    key: 'a',
    change: (found?: KvEntry) => ({ value: `${found?.value}1` }),
  };
  const changed = kv.transact(soon(), { bucket, operations: [addOne] });
  await expect(changed).rejects.toMatchObject({
    code: 'TIMEOUT',
    retryable: false,
    details: { stored: true },
  });
  expect(await kv.get(soon(), { bucket, key: 'a' })).toMatchObject({
    revision: 4,
    value: Buffer.from('01+'),
  });
});

test('put - a new key with its end that is refused over itself, and that somebody ends before it is looked for, is not put again', async () => {
  await using k = await startOneOfSeveral();
  const { kv } = k;
  await kv.createBucket(soon(), 'ends', { history: 4, key_ttl: true });
  k.between.askInRow = async (...asked) => {
    k.between.askInRow = k.requests.askInRow;
    await k.requests.askInRow(...asked);
    await kv.remove(soon(), { bucket: 'ends', key: 'new', operation: 'purge' });
    return refusal('wrong last sequence: 2');
  };
  const put = kv.put(soon(), { bucket: 'ends', key: 'new', value: '1', ttl: 3_600e9, expectedRevision: 0 });
  await expect(put).rejects.toMatchObject({ code: 'TIMEOUT', details: { stored: true } });
  // Its end marker, itself, and the marker of its end.
  expect((await kv.bucketInfo(soon(), 'ends')).last_seq).toBe(3);
});

test('putMany - what is refused over itself, and somebody ends before it is looked for, is not put again', async () => {
  await using k = await startOneOfSeveral();
  const { kv } = k;
  const puts = Array.from({ length: 64 }, (_, index) => ({
    key: `many.${index}`,
    value: '1',
    expectedRevision: 0,
  }));
  k.between.askInRow = async (...asked) => {
    k.between.askInRow = k.requests.askInRow;
    await k.requests.askInRow(...asked);
    await Promise.all(puts.map(({ key }) => kv.remove(soon(), { bucket, key, operation: 'purge' })));
    return refusal('wrong last sequence: 3');
  };
  const answers = await kv.putMany(soon(), bucket, puts);
  expect(answers.map(answer => (answer instanceof PackError ? answer.details : answer))).toEqual(
    puts.map(() => ({ stored: true })),
  );
  expect((await kv.bucketInfo(soon(), bucket)).last_seq).toBe(2 + 64 * 2);
});

function refusal(description: string): Msg {
  const error = { err_code: 10_071, description };
  return { data: Buffer.from('x'), json: () => ({ error }) } as unknown as Msg;
}

/** A message as a direct get answers it. */
function storedBefore(seq: number, key: string): Msg {
  const about = headers();
  about.set('Nats-Stream', `KV_${bucket}`);
  about.set('Nats-Subject', `$KV.${bucket}.${key}`);
  about.set('Nats-Sequence', String(seq));
  about.set('Nats-Time-Stamp', new Date().toISOString());
  return { data: Buffer.from('0'), headers: about } as unknown as Msg;
}

/** The end of such an answer, from a replica that has come to a revision. */
function endOf(revision: number): Msg {
  const about = headers(204, 'EOB');
  about.set('Nats-Num-Pending', '0');
  about.set('Nats-UpTo-Sequence', String(revision));
  return { data: new Uint8Array(0), headers: about } as unknown as Msg;
}
