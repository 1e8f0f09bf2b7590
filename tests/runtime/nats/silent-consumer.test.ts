/** Pages that are read while the server that delivers them falls silent, or is only slow: what it delivers is stood in for here. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Msg } from '@nats-io/transport-node';
import { createDoubt } from '../../../runtime/nats/doubt.ts';
import type { InboxHandlers } from '../../../runtime/nats/inboxes.ts';
import type { BucketHandle, Handles } from '../../../runtime/nats/kv/bucket/handles.ts';
import { plainKeys } from '../../../runtime/nats/kv/bucket/key-codec.ts';
import { patternsOf } from '../../../runtime/nats/kv/bucket/key-patterns.ts';
import type { ConsumerStart } from '../../../runtime/nats/kv/list/consumers.ts';
import { createHistoryPages } from '../../../runtime/nats/kv/list/history-page.ts';
import type { ListDependencies } from '../../../runtime/nats/kv/list/list-page.ts';
import { startListing } from '../../../runtime/nats/kv/list/listing.ts';
import { readPage } from '../../../runtime/nats/kv/list/read-page.ts';
import { createStoredPages } from '../../../runtime/nats/kv/list/stored-page.ts';
import type { BatchReader } from '../../../runtime/nats/kv/read/batch.ts';
import type { Requests } from '../../../runtime/nats/requests.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Pages of a bucket in a cluster, whose keys have revisions 1 to 3, through consumers that deliver as the test says. */
const PAGES = {
  'a list': async ({ handle: bucket, requests, deadline }: Reading) => {
    const { entries } = await readPage({ deadline }, startListing(0), {
      requests,
      batches: {} as BatchReader,
      handle: bucket,
      patterns: patternsOf(bucket, ['>']),
      headersOnly: false,
      rare: false,
      limit: 10,
      pick: message => ({ key: message.subject, value: message.data, revision: message.seq, createdAt: '' }),
    });
    return entries.map(({ revision }) => revision);
  },
  'a history': async ({ deadline, ...reading }: Reading) => {
    const page = createHistoryPages(listingOf(reading));
    const { entries } = await page({ deadline }, { bucket: 'b', filter: '>', startSeq: 0, limit: 10 });
    return entries.map(({ revision }) => revision);
  },
  'all that is stored': async ({ deadline, ...reading }: Reading) => {
    const page = createStoredPages(listingOf(reading));
    const { messages } = await page({ deadline }, { bucket: 'b', filter: '>', startSeq: 0, limit: 10 });
    return messages.map(({ revision }) => revision);
  },
};

interface Reading {
  handle: BucketHandle;
  requests: Requests;
  deadline: number;
}

function listingOf({ handle: bucket, requests }: Omit<Reading, 'deadline'>): ListDependencies {
  const handles = { open: async () => bucket } as unknown as Handles;
  return { requests, handles, batches: {} as BatchReader };
}

/** Reads a page; `deliver` is called at each pull with the number of its consumer, and what that one can deliver. */
async function pageOf(
  kind: keyof typeof PAGES,
  deliver: (consumer: number, send: (...seqs: number[]) => void) => void,
) {
  let name = '';
  const opened: number[] = [];
  const ended: number[] = [];
  const api = {
    prefix: '$JS.API',
    ask: async (
      _call: unknown,
      _endpoint: string,
      { config }: { config: ConsumerStart & { name: string } },
    ) => {
      name = config.name;
      opened.push(config.opt_start_seq ?? 0);
      return { num_pending: 3, cluster: { leader: 'any' } };
    },
    streamInfo: async () => ({ state: { last_seq: 3 } }),
    doubt: createDoubt(),
  };
  const config = { max_msgs_per_subject: 1, num_replicas: 1 };
  const names = { bucket: 'b', stream: 'KV_b', readPrefix: '$KV.b.', codec: plainKeys };
  const bucket = { ...names, config, api, clustered: true, created: '2026-01-01T00:00:00Z' };
  const openInbox = ({ onMessage }: InboxHandlers) => {
    const [consumer, own] = [opened.length, name];
    const send = (...seqs: number[]) => {
      for (const seq of seqs) onMessage(delivered(own, seq));
    };
    return {
      publish: () => queueMicrotask(() => deliver(consumer, send)),
      close: () => ended.push(consumer),
    };
  };
  const deadline = Date.now() + 20_000;
  const requests = { openInbox, doubt: api.doubt } as unknown as Requests;
  const page = PAGES[kind]({ handle: bucket as unknown as BucketHandle, requests, deadline });
  page.catch(() => undefined); // The test looks at it.
  return { page, opened, ended };
}

const KINDS = Object.keys(PAGES) as (keyof typeof PAGES)[];

test.each(KINDS)(
  '%s whose consumer falls silent half-way is read on through another, each key once',
  async kind => {
    const { page, opened, ended } = await pageOf(kind, (consumer, send) => {
      if (consumer === 1) send(1);
      // One on a replica that is behind begins before the place it was told.
      else send(1, 2, 3);
    });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(await page).toEqual([1, 2, 3]);
    expect(opened).toEqual([1, 2]);
    expect(ended).toContain(1);
  },
);

test.each(KINDS)(
  '%s is answered by the consumer that was asked first where that is only slow',
  async kind => {
    const { page, opened, ended } = await pageOf(kind, (consumer, send) => {
      if (consumer === 1) setTimeout(send, 3_000, 1, 2, 3);
    });
    await jest.advanceTimersByTimeAsync(3_000);
    expect(await page).toEqual([1, 2, 3]);
    expect(opened).toEqual([1, 1, 1, 1]);
    expect(ended).toEqual(expect.arrayContaining([2, 3, 4]));
  },
);

test.each(KINDS)('%s whose consumer delivers over a slow link is read through it alone', async kind => {
  const { page, opened } = await pageOf(kind, (_consumer, send) => {
    for (const seq of [1, 2, 3]) setTimeout(send, 300 * seq, seq);
  });
  await jest.advanceTimersByTimeAsync(1_000);
  expect(await page).toEqual([1, 2, 3]);
  expect(opened).toEqual([1]);
});

/** One of the three messages, as a consumer of this name delivers it. */
function delivered(consumer: string, seq: number): Msg {
  const reply = `$JS.ACK.KV_b.${consumer}.1.${seq}.${seq}.1000000.${3 - seq}`;
  return { subject: `$KV.b.key.${seq}`, reply, data: new Uint8Array(0) } as Msg;
}
