import { expect, jest, test } from '@jest/globals';
import type { MsgHdrs } from '@nats-io/transport-node';
import { headers as newHeaders } from '@nats-io/transport-node';
import { beginRow } from '../../../runtime/nats/message-row.ts';
import { startNats } from '../../support/nats.ts';
import { connectOfficial } from '../../support/official.ts';

/** A message by what another client sees of it. */
interface Seen {
  subject: string;
  reply: string;
  text: string;
  name: string;
}

async function open() {
  await using made = new AsyncDisposableStack();
  const server = made.use(await startNats({ extra: 'max_payload: 40000' }));
  const sender = made.use(await connectOfficial(server.url));
  const reader = made.use(await connectOfficial(server.url));
  const seen: Seen[] = [];
  reader.nc.subscribe('row.>', {
    callback: (_error, msg) => {
      seen.push({
        subject: msg.subject,
        reply: msg.reply ?? '',
        text: msg.string(),
        name: msg.headers?.get('Name') ?? '',
      });
    },
  });
  await reader.nc.flush();
  const stage = made.move();
  return {
    nc: sender.nc,
    seen: async () => {
      await sender.nc.flush();
      await reader.nc.flush();
      return seen;
    },
    [Symbol.asyncDispose]: () => stage.disposeAsync(),
  };
}

function named(name: string): MsgHdrs {
  const headers = newHeaders();
  headers.set('Name', name);
  return headers;
}

test('messages of a row - small and large, with headers and without, arrive as they are and in their order', async () => {
  await using s = await open();
  const sent: Seen[] = Array.from({ length: 3_000 }, (_, i) => ({
    subject: i % 7 === 0 ? `row.ünïcode.${i}` : `row.${i}`,
    reply: `answers.${i}`,
    text: i % 100 === 0 ? 'large'.repeat(6_000) : '€'.repeat(i % 60),
    name: i % 3 === 0 ? `name ${i}` : '',
  }));
  const row = beginRow(s.nc);
  for (const { subject, reply, text, name } of sent)
    row.publish(subject, Buffer.from(text), reply, name ? named(name) : undefined);
  row.end();
  expect(await s.seen()).toEqual(sent);
});

test('messages of a row - what the server does not take, or would read as another command, the library refuses; what came before it is sent', async () => {
  await using s = await open();
  const row = beginRow(s.nc);
  const payload = Buffer.from('x');
  row.publish('row.before', payload, 'answers');
  expect(() => row.publish('row.large', Buffer.alloc(40_001), 'answers')).toThrow('max_payload');
  expect(() => row.publish('row.a 1\r\nx\r\nPUB row.b', payload, 'answers')).toThrow('subject');
  row.publish('row.after', payload, 'answers');
  row.end();
  expect((await s.seen()).map(({ subject }) => subject)).toEqual(['row.before', 'row.after']);
});

test('messages of a row - a server that takes fewer bytes than a small message has is not sent them', async () => {
  await using server = await startNats({ extra: 'max_payload: 1000' });
  await using sender = await connectOfficial(server.url);
  const row = beginRow(sender.nc);
  expect(() => row.publish('row.a', Buffer.alloc(900), 'answers', named('n'.repeat(200)))).toThrow(
    'max_payload',
  );
});

test('messages of a row - rows that are written after each other and at once do not get into one another', async () => {
  await using s = await open();
  const sent = (name: string) => Array.from({ length: 500 }, (_, i) => `row.${name}.${i}`);
  const first = beginRow(s.nc);
  first.publish('row.first', Buffer.from('row.first'), 'answers');
  first.end();
  const [a, b] = [beginRow(s.nc), beginRow(s.nc)];
  for (const [index, subject] of sent('a').entries()) {
    a.publish(subject, Buffer.from(subject), 'answers');
    const other = sent('b')[index] ?? '';
    b.publish(other, Buffer.from(other), 'answers');
  }
  a.end();
  b.end();
  const seen = await s.seen();
  expect(seen.map(({ subject }) => subject)).toEqual(['row.first', ...sent('a'), ...sent('b')]);
  expect(seen.filter(({ subject, text }) => subject !== text)).toEqual([]);
});

test('messages of a row - small ones between large ones, and rows of few, do not take a piece each', async () => {
  await using s = await open();
  const made = jest.spyOn(Buffer, 'allocUnsafeSlow');
  const [small, large] = [Buffer.alloc(10), Buffer.alloc(5_000)];
  for (let n = 0; n < 20; n++) {
    const row = beginRow(s.nc);
    for (let i = 0; i < 20; i++) row.publish('row.many', i % 2 ? large : small, 'answers');
    row.end();
  }
  expect(made.mock.calls.length).toBeLessThan(3);
  made.mockRestore();
  expect(await s.seen()).toHaveLength(400);
});
