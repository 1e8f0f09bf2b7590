/** Reads whose answer shows how new it is: who asks for them, and what is taken. */
import { expect, test } from '@jest/globals';
import type { Msg } from '@nats-io/transport-node';
import { headers } from '@nats-io/transport-node';
import type { JsApi } from '../../../runtime/nats/js-api.ts';
import { proveLast } from '../../../runtime/nats/kv/read/proof.ts';
import type { AskedNewest, Newest } from '../../../runtime/nats/newest.ts';
import { soon } from '../../support/soon.ts';

/** A stream of which each subject has a value; what is asked is noted, and may be answered in other ways. */
function startStream({ named = 'KV_b' } = {}) {
  const values = new Map<string, string>();
  const questions: string[][] = [];
  let lastSeq = 0;
  let infos = 0;
  const copy = async ({ subjects }: AskedNewest): Promise<Newest> => {
    const there = subjects.filter(subject => values.has(subject));
    return {
      messages: there.map(subject => message(subject, values.get(subject) ?? '')),
      upTo: there.length > 0 ? lastSeq : 0,
      isWhole: there.length > 0,
    };
  };
  let answer = copy;
  const api = {
    streamInfo: async () => {
      infos += 1;
      return { cluster: { leader: 'one' }, state: { last_seq: lastSeq } };
    },
    newestOf: (_call: unknown, asked: AskedNewest) => {
      questions.push([...asked.subjects]);
      return answer(asked);
    },
  } as unknown as JsApi;
  const message = (subject: string, text: string): Msg => {
    const its = headers();
    its.set('Nats-Stream', named);
    its.set('Nats-Subject', subject);
    its.set('Nats-Sequence', String(lastSeq));
    its.set('Nats-Time-Stamp', '2026-01-31T12:00:00Z');
    return { subject, data: Buffer.from(text), headers: its } as unknown as Msg;
  };
  const config = { num_replicas: 3, allow_direct: true } as never;
  return {
    questions,
    infos: () => infos,
    copy,
    answers: (other: typeof copy) => (answer = other),
    put: (subject: string, value: string) => {
      values.set(subject, value);
      lastSeq += 1;
    },
    read: async (subject: string, leader = 'one') => {
      const at = { api, bucket: 'b', stream: 'KV_b', config };
      const proven = await proveLast(soon(), at, { subject, leader });
      if (proven === undefined || proven === 'another leads') return proven;
      return proven.answer ? Buffer.from(proven.answer.data).toString() : 'nothing';
    },
  };
}

test('proof - those who read at the same time are answered by one question to the leader and one to a copy', async () => {
  const stream = startStream();
  const subjects = Array.from({ length: 100 }, (_, i) => `s${i}`);
  for (const subject of subjects) stream.put(subject, subject);
  expect(await Promise.all(subjects.map(subject => stream.read(subject)))).toEqual(subjects);
  expect([stream.infos(), stream.questions.length]).toEqual([1, 1]);
});

test('proof - who begins after a question was sent is answered by the next', async () => {
  const stream = startStream();
  stream.put('s', 'old');
  const { promise, resolve } = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  stream.answers(async question => {
    const answered = await stream.copy(question);
    asked.resolve();
    await promise;
    return answered;
  });
  const first = stream.read('s');
  await asked.promise;
  stream.answers(stream.copy);
  stream.put('s', 'new');
  const second = stream.read('s');
  resolve();
  expect(['old', 'new']).toContain(await first);
  expect(await second).toBe('new');
});

test('proof - a copy that says nothing, or is behind, holds nobody up: others are asked', async () => {
  const stream = startStream();
  stream.put('s', 'value');
  let asked = 0;
  stream.answers(async question => {
    asked += 1;
    if (asked === 1) return await new Promise(() => undefined);
    const newest = await stream.copy(question);
    return asked === 2 ? { ...newest, upTo: 0 } : newest;
  });
  expect(await stream.read('s')).toBe('value');
  expect(asked).toBe(3);
});

test('proof - what is not there is shown by what is, and nothing is shown where nothing is', async () => {
  const stream = startStream();
  expect(await stream.read('missing')).toBeUndefined();
  stream.put('s', 'value');
  expect(await Promise.all(['s', 'missing'].map(subject => stream.read(subject)))).toEqual([
    'value',
    'nothing',
  ]);
  expect(await stream.read('missing')).toBe('nothing');
  expect(stream.questions.at(-1)).toEqual(['missing', 's']);
});

test('proof - what an answer had no room for is asked for once more', async () => {
  const stream = startStream();
  const subjects = ['a', 'b', 'c', 'd'];
  for (const subject of subjects) stream.put(subject, subject);
  stream.answers(async question => {
    const { messages, ...newest } = await stream.copy(question);
    return { ...newest, messages: messages.slice(0, 2), isWhole: messages.length <= 2 };
  });
  expect(await Promise.all(subjects.map(subject => stream.read(subject)))).toEqual(subjects);
});

test('proof - another who leads, and a mirror, prove nothing', async () => {
  const stream = startStream();
  stream.put('s', 'value');
  expect(await stream.read('s', 'two')).toBe('another leads');
  const mirrored = startStream({ named: 'KV_mirror' });
  mirrored.put('s', 'value');
  expect(await Promise.all(['s', 's'].map(subject => mirrored.read(subject)))).toEqual([
    undefined,
    undefined,
  ]);
});
