/** What does no harm asked twice is asked again when nobody answers, as after the death of a stream's leader. */

import { beforeAll, expect, test } from '@jest/globals';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { createDoubt } from '../../../runtime/nats/doubt.ts';
import { ELECTION_MS } from '../../../runtime/nats/js-api.ts';
import { isRefusal } from '../../../runtime/nats/kv/write/acks.ts';
import type { Requests } from '../../../runtime/nats/requests.ts';
import { createRequests } from '../../../runtime/nats/requests.ts';
import { ASK_AGAIN_MS, ASK_SOON_MS, besideMs } from '../../../runtime/nats/silence.ts';
import { calls } from '../../support/calls.ts';
import { atLast, forAll } from '../../support/for-all.ts';
import type { TestKvflow } from '../../support/kvflow.ts';
import { joinNats } from '../../support/kvflow.ts';
import { startLossyProxy } from '../../support/lossy-proxy.ts';
import { startNats } from '../../support/nats.ts';
import { connectOfficial } from '../../support/official.ts';

let requests: Requests;

const server = forAll(startNats);
const client = forAll(() => connectOfficial(server.url));

beforeAll(async () => {
  requests = createRequests(Promise.resolve(client.nc));
  atLast(() => requests.close());
});

test('collect - answers that stop half-way are asked for again, and what was heard before is void', async () => {
  const asked = answerInTurn('half', [['a'], ['a', 'b', 'end']]);
  let heard: string[] = [];
  await requests.collect(within(20_000), 'half', '', () => {
    heard = [];
    return msg => {
      heard.push(msg.string());
      return msg.string() === 'end';
    };
  });
  expect(heard).toEqual(['a', 'b', 'end']);
  expect(asked()).toBe(2);
});

test('collect - nobody is asked again while answers still come', async () => {
  // Where this machine was too busy for them to come in time it says nothing, and is done again.
  for (let isBusy = true; isBusy; ) {
    const subject = `slow.${crypto.randomUUID()}`;
    const asked = answerInTurn(subject, [['a', 'b', 'c', 'd', 'end']], 600);
    const times = [performance.now()];
    let count = 0;
    await requests.collect(within(20_000), subject, '', () => {
      count = 0;
      return msg => {
        times.push(performance.now());
        count += 1;
        return msg.string() === 'end';
      };
    });
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    isBusy = pauses.some((pause, index) => pause > (index === 0 ? ASK_SOON_MS : ASK_AGAIN_MS) - 50);
    if (!isBusy) expect([count, asked()]).toEqual([5, 1]);
  }
});

test('collect - what is answered late is taken, though it was asked again meanwhile', async () => {
  const waiting: Msg[] = [];
  client.nc.subscribe('late', {
    callback: (_error, msg) => {
      waiting.push(msg);
      // What was asked first is answered last but one, and whole; the others only begin.
      if (waiting.length === 3) for (const text of ['first', 'end']) waiting[0]?.respond(text);
      if (waiting.length === 3) waiting[1]?.respond('second');
    },
  });
  const heard: string[] = [];
  let begun = 0;
  await requests.collect(within(20_000), 'late', '', () => {
    begun += 1;
    return msg => {
      heard.push(msg.string());
      return msg.string() === 'end';
    };
  });
  expect([heard, begun]).toEqual([['first', 'end'], 1]);
});

test('an answer that cannot be read fails its own request, and others are heard', async () => {
  client.nc.subscribe('odd', { callback: (_error, msg) => void msg.respond('no JSON') });
  const refusal = { is: isRefusal, sure: () => undefined };
  const odd = requests.ask(within(20_000), 'odd', '', { again: () => undefined, refusal });
  expect((await odd).string()).toBe('no JSON');
  const unread = requests.collect(within(20_000), 'odd', '', () => msg => msg.json());
  await expect(unread).rejects.toThrow('JSON');
  expect((await requests.ask(within(20_000), 'odd', '')).string()).toBe('no JSON');
});

test('what nobody answers is asked again each second for as long as an election may take', () => {
  const pauses = Array.from({ length: 20 }, (_, asked) => besideMs(asked, createDoubt()));
  expect(Math.max(...pauses)).toBeLessThanOrEqual(1_000);
  expect(pauses.reduce((sum, pause) => sum + pause)).toBeGreaterThan(ELECTION_MS);
  expect(besideMs(30, createDoubt())).toBeGreaterThan(60_000);
});

test('what is asked one after the other of servers that are silent the first time waits out one silence, and not one for each', async () => {
  const asked = new Map<string, number>();
  client.nc.subscribe('one.>', {
    callback: (_error, msg) => {
      const times = (asked.get(msg.subject) ?? 0) + 1;
      asked.set(msg.subject, times);
      if (times > 1) msg.respond('here');
    },
  });
  const fresh = createRequests(Promise.resolve(client.nc));
  const began = performance.now();
  for (let step = 0; step < 8; step++) {
    if (step % 2 === 0) await fresh.ask(within(20_000), `one.${step}`, '', { safe: true });
    else await fresh.collect(within(20_000), `one.${step}`, '', () => () => true);
  }
  const took = performance.now() - began;
  expect([...asked.values()]).toEqual(Array(8).fill(2));
  // Eight silences are 3.2 seconds; one and seven short ones are 1.1.
  expect(took).toBeLessThan(2_600);
}, 30_000);

test('a list that all servers have a part in is asked for again where its answer does not come', async () => {
  await using near = joinNats({ servers: [server.url] });
  await calls.create(near, { bucket: 'listed' });
  const began = performance.now();
  const listed = await unheard('stream_list_response', async k => await k.call('kv-bucket-list', {}));
  expect(listed.buckets).not.toHaveLength(0);
  expect(performance.now() - began).toBeLessThan(8_000);
}, 30_000);

test('collect - what stays silent until the deadline is UNAVAILABLE: nothing is left open', async () => {
  answerInTurn('never', [[]]);
  await expect(requests.collect(within(300), 'never', '', () => () => true)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
  });
});

test('a write on condition, a step and an erasure whose answers do not come are found out, and made once', async () => {
  const bucket = 'swallowed';
  await using kvflow = joinNats({ servers: [server.url] });
  await calls.create(kvflow, { bucket, history: 5 });
  const { revision } = await calls.put(kvflow, { bucket, key: 'gone', value: 'x' });
  const put = { bucket, key: 'a', value: 'x', expected_revision: 0 };
  const erase = { bucket, key: 'gone', upTo: revision };
  const [stored, counted, erased] = await Promise.all([
    unheard('"seq":', k => calls.put(k, put)),
    unheard('"seq":', k => k.call('kv-key-increment', { bucket, key: 'n', by: 5 })),
    unheard('"purged":', k => k.nats.kv.erase(within(20_000), erase)),
  ]);
  expect([counted, erased]).toMatchObject([{ value: 5 }, false]);
  const history = async (key: string) => (await kvflow.call('kv-key-history', { bucket, key })).items;
  expect(await history('a')).toMatchObject([{ revision: stored.revision }]);
  expect(await history('n')).toMatchObject([{ value: '5' }]);
}, 30_000);

test('a write on condition that is answered late, and was sent again meanwhile, is stored or a conflict: nothing is left open', async () => {
  const bucket = 'late';
  await using proxy = await startLossyProxy(server.port);
  await using near = joinNats({ servers: [server.url] });
  await using far = joinNats({ servers: [proxy.url] });
  await calls.create(near, { bucket });
  for (const value of ['1', '2']) await calls.put(far, { bucket, key: 'a', value });
  const { revision } = await calls.get(far, { bucket, key: 'a' });
  proxy.delay(700);
  const put = (expected_revision: number, value: string) =>
    far.invoke('kv-key-put', { bucket, key: 'a', value, expected_revision }, { timeoutMs: 60_000 });
  const conflict = { error: { code: 'REVISION_CONFLICT', details: { current_revision: revision } } };
  const refused = await Promise.all([put(revision - 1, 'refused'), put(0, 'refused')]);
  expect(refused).toMatchObject([conflict, conflict]);
  expect(await put(revision, '3')).toMatchObject({ data: { revision: revision + 1 } });
  // Of two who work out a change at once one does so again.
  const append = () => far.call('kv-key-append', { bucket, key: 'list', value: 'x' }, { timeoutMs: 60_000 });
  await Promise.all([append(), append()]);
  proxy.delay(0);
  expect((await calls.get(near, { bucket, key: 'a' })).value).toBe('3');
  expect((await calls.get(near, { bucket, key: 'list' })).value).toBe('["x","x"]');
}, 60_000);

test('a refusal of what was stored all the same, as a former leader gives for a moment, is found out', async () => {
  const bucket = 'swallowed';
  await using proxy = await startLossyProxy(server.port);
  await using kvflow = joinNats({ servers: [proxy.url] });
  await calls.create(kvflow, { bucket, history: 5 });
  const refusal =
    '{"error":{"code":400,"err_code":10071,"description":"wrong last sequence: 1"},"stream":"KV_b","seq":0}';
  await kvflow.call('kv-key-increment', { bucket, key: 'deposed' });
  proxy.alterAnswer('"seq":', refusal);
  expect(await kvflow.call('kv-key-increment', { bucket, key: 'deposed' })).toMatchObject({ value: 2 });
  proxy.alterAnswer('"seq":', refusal);
  const { revision } = await calls.put(kvflow, { bucket, key: 'once', value: 'x', expected_revision: 0 });
  expect(proxy.lost()).toBe(2);
  expect(await calls.get(kvflow, { bucket, key: 'once' })).toMatchObject({ revision });
  expect(await calls.get(kvflow, { bucket, key: 'deposed' })).toMatchObject({ value: '2' });
});

test('a page of a history, and one of all that is stored, answer what they found before the server fell silent, and where to go on', async () => {
  await using k = joinNats({ servers: [server.url] });
  const bucket = 'half-way';
  await calls.create(k, { bucket, history: 2, key_ttl: true, storage: 'memory' });
  // Each has its end marker before it: of 1,001 messages 500 are answered, and more are asked for.
  const items = Array.from({ length: 600 }, (_, i) => ({ key: `k.${i}`, value: 'v', ttl: 3_600e9 }));
  await k.call('kv-key-put-many', { bucket, items });
  await client.fill(bucket, 4_300, i => [`plain.${i}`, 'v']);
  const { kv, requests: own } = k.nats;
  const { openInbox } = own;
  // What is asked for the second time never arrives.
  own.openInbox = handlers => {
    const inbox = openInbox(handlers);
    const publish = (subject: string, payload: string, token: string) => {
      if (token !== '2') inbox.publish(subject, payload, token);
    };
    return { ...inbox, publish };
  };
  const range = { bucket, filter: '>' };
  const [history, stored] = await Promise.all([
    kv.historyPage(within(4_000), { ...range, startSeq: 0, limit: 1_000 }),
    kv.storedPage(within(4_000), { ...range, startSeq: 0, limit: 20_000 }),
  ]);
  expect([history.entries.length, history.hasMore]).toEqual([500, true]);
  expect([stored.messages.length, stored.hasMore, stored.nextSeq]).toEqual([5_000, true, 5_000]);
  own.openInbox = openInbox;
  const more = await kv.historyPage(within(20_000), { ...range, startSeq: history.nextSeq, limit: 10_000 });
  expect([more.entries.length, more.hasMore]).toEqual([4_400, false]);
  const rest = await kv.storedPage(within(20_000), { ...range, startSeq: 5_000, limit: 20_000 });
  expect([rest.messages.length, rest.hasMore]).toEqual([500, false]);
});

test('a server that answers no ping either is left for another, where there is one', async () => {
  const { nc, left, pinged } = deafConnection({ pongs: false });
  const hung = createRequests(Promise.resolve(nc), { hasOthers: true });
  hung.ask(within(20_000), 'any', '', { safe: true }).catch(() => undefined);
  await left.promise;
  hung.close();
  expect(pinged()).toBe(1);
});

test.each([
  ['answers pings is stayed with, however long a request takes', { pongs: true, hasOthers: true }],
  ['is the only one is stayed with', { pongs: false, hasOthers: false }],
])('a server that %s', async (_what, { pongs, hasOthers }) => {
  const { nc, left, pinged, published } = deafConnection({ pongs });
  const busy = createRequests(Promise.resolve(nc), { hasOthers });
  busy.ask(within(20_000), 'any', '', { safe: true }).catch(() => undefined);
  const isLeft = await Promise.race([left.promise.then(() => true), published(4).then(() => false)]);
  busy.close();
  expect([isLeft, pinged() > 0]).toEqual([false, hasOthers]);
});

test.each([
  ['is still being sent a large value over a slow link', { size: 200_000, heard: 0 }],
  ['sends something else meanwhile', { size: 0, heard: 1 }],
])('a server that %s is stayed with, though its pong waits behind that', async (_what, { size, heard }) => {
  const { nc, left, pinged, published } = deafConnection({ pongs: false, heard });
  const slow = createRequests(Promise.resolve(nc), { hasOthers: true });
  const put = { again: () => undefined };
  slow.ask(within(20_000), 'any', new Uint8Array(size), put).catch(() => undefined);
  // The first pause that is long enough for a pong ends before the fourth time.
  const isLeft = await Promise.race([left.promise.then(() => true), published(4).then(() => false)]);
  slow.close();
  expect([isLeft, pinged() > 0]).toEqual([false, true]);
});

test('a server whose connection is being closed is not left: nothing is thrown', async () => {
  const { nc, left } = deafConnection({ pongs: false, isDraining: true });
  const closing = createRequests(Promise.resolve(nc), { hasOthers: true });
  closing.ask(within(20_000), 'any', '', { safe: true }).catch(() => undefined);
  await left.promise;
  await new Promise(setImmediate);
  closing.close();
});

/** Stands in for a connection to a server that answers no request. `heard`: how many other messages come between two looks at it. */
function deafConnection({ pongs, heard = 0, isDraining = false }: Deaf) {
  const left = Promise.withResolvers<void>();
  const waiting: { count: number; resolve(): void }[] = [];
  let [pings, requests, inMsgs] = [0, 0, 0];
  const nc = {
    subscribe: () => ({ unsubscribe: () => undefined }),
    status: async function* () {},
    publish: () => {
      requests += 1;
      for (const { count, resolve } of waiting) if (requests >= count) resolve();
    },
    isClosed: () => false,
    stats: () => {
      inMsgs += heard;
      return { inMsgs };
    },
    flush: () => {
      pings += 1;
      return pongs ? Promise.resolve() : new Promise(() => undefined);
    },
    reconnect: async () => {
      left.resolve();
      if (isDraining) throw new Error('draining');
    },
  } as never as NatsConnection;
  const published = (count: number) => new Promise<void>(resolve => waiting.push({ count, resolve }));
  return { nc, left, pinged: () => pings, published };
}

interface Deaf {
  pongs: boolean;
  heard?: number;
  isDraining?: boolean;
}

/** Does something with a kvflow that does not hear the first answer with the text. */
async function unheard<T>(text: string, work: (kvflow: TestKvflow) => Promise<T>): Promise<T> {
  await using proxy = await startLossyProxy(server.port);
  await using kvflow = joinNats({ servers: [proxy.url] });
  await calls.get(kvflow, { bucket: 'swallowed', key: 'gone' }).catch(() => undefined);
  proxy.swallowAnswer(text);
  const done = await work(kvflow);
  expect(proxy.lost()).toBe(1);
  return done;
}

/** Answers the first request with the first list, and so on; the last list is for all that follow. How many were asked. */
function answerInTurn(subject: string, lists: string[][], everyMs = 0): () => number {
  let asked = 0;
  client.nc.subscribe(subject, {
    callback: (_error, msg) => {
      const list = lists[Math.min(asked, lists.length - 1)] ?? [];
      asked += 1;
      for (const [index, text] of list.entries()) setTimeout(answer, everyMs * index, msg, text);
    },
  });
  return () => asked;
}

function answer(msg: Msg, text: string): void {
  msg.respond(text);
}

function within(ms: number) {
  return { deadline: Date.now() + ms };
}
