import { EventEmitter } from 'node:events';
import { expect, test } from '@jest/globals';
import type { FastifyReply } from 'fastify';
import { parseExact, stringifyExact } from '../../../contract/exact-json.ts';
import type { Envelope } from '../../../runtime/core/envelope.ts';
import { success } from '../../../runtime/core/envelope.ts';
import { sendEnvelope } from '../../../runtime/server/answer.ts';

function send(envelope: Envelope) {
  const sent: { answer: string | Buffer; raw: EventEmitter } = { answer: '', raw: new EventEmitter() };
  const reply = {
    raw: sent.raw,
    code: () => reply,
    header: () => reply,
    send: (answer: string | Buffer) => {
      sent.answer = answer;
      return reply;
    },
  };
  sendEnvelope(reply as unknown as FastifyReply, envelope);
  return sent;
}

const PART = '{"text":"é \u2028 😀 \ud800 \\u0001"}\n'.repeat(1_000);

test.each<[string, unknown]>([
  ['texts put together of parts', { a: 1, ndjson: PART + PART.slice(1), results: [{ count: 1 }] }],
  ['a part of a text', { ndjson: `x${PART}`.slice(1), other: 'short' }],
  ['half of a pair in the middle', { value: `${'x'.repeat(9_999)}😀${'x'.repeat(9_999)}` }],
  ['numbers as they came', { ndjson: PART + PART, value: parseExact('{"n":1.0,"m":[9007199254740993]}') }],
  ['an own __proto__', JSON.parse(`{"__proto__":1,"text":"${'x'.repeat(20_000)}"}`)],
  ['a list of texts', [PART, PART]],
  ['nothing', null],
])('answer - of %s nothing is changed where it is written', (_name, data) => {
  const text = String(send(success(data)).answer);
  expect(text).toBe(`{"status_code":200,"data":${stringifyExact(data)}}\n`);
});

test('answer - long ones are sent from the same memory one after the other, and none has a byte of another', () => {
  const textOf = (letter: string, length: number) => success({ text: letter.repeat(length) });
  const lineOf = (envelope: Envelope) => `${stringifyExact(envelope)}\n`;
  const memoryOf = ({ answer }: { answer: string | Buffer }) => (answer as Buffer).buffer;
  const [long, short, fresh] = [textOf('a', 50_000), textOf('é', 20_000), textOf('c', 30_000)];
  const first = send(long);
  const beside = send(fresh);
  expect(memoryOf(beside)).not.toBe(memoryOf(first));
  first.raw.emit('close');
  const next = send(short);
  expect(memoryOf(next)).toBe(memoryOf(first));
  expect([String(next.answer), String(beside.answer)]).toEqual([lineOf(short), lineOf(fresh)]);
  // It was let go once: whoever comes meanwhile has other memory.
  first.raw.emit('close');
  expect(memoryOf(send(long))).not.toBe(memoryOf(next));
  expect(String(next.answer)).toBe(lineOf(short));
});
