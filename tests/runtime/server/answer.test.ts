import { expect, test } from '@jest/globals';
import type { FastifyReply } from 'fastify';
import { parseExact, stringifyExact } from '../../../contract/exact-json.ts';
import type { Envelope } from '../../../runtime/core/envelope.ts';
import { success } from '../../../runtime/core/envelope.ts';
import { sendEnvelope } from '../../../runtime/server/answer.ts';

function sent(envelope: Envelope): string {
  let text = '';
  const reply = {
    code: () => reply,
    header: () => reply,
    send: (answer: string | Buffer) => {
      text = String(answer);
      return reply;
    },
  };
  sendEnvelope(reply as unknown as FastifyReply, envelope);
  return text;
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
  const text = sent(success(data));
  expect(text).toBe(`{"status_code":200,"data":${stringifyExact(data)}}\n`);
});
