/** What may not be there is asked for without an error, which would cost more than the answer. */
import { expect, test } from '@jest/globals';
import { createJsApi } from '../../../runtime/nats/js-api.ts';
import type { Requests } from '../../../runtime/nats/requests.ts';

/** The API of a server that gives these answers one after the other. */
function answering(...answers: object[]) {
  const json = () => JSON.stringify(answers.shift());
  const requests = {
    ask: async () => ({ data: Buffer.from('{}'), string: json }),
    offersJetStream: () => true,
    suspect: () => undefined,
  };
  return createJsApi(requests as unknown as Requests);
}

const failing = (err_code: number) => ({ error: { code: 404, err_code, description: 'as the server says' } });
const find = (...answers: object[]) =>
  answering(...answers).find({ deadline: Date.now() + 20_000 }, 'STREAM.MSG.GET.KV_b', {}, 'bucket "b"');

test('js-api - finds what is there, and answers undefined for a message or a consumer that is not', async () => {
  expect(await find({ message: { seq: 1 } })).toEqual({ message: { seq: 1 } });
  expect([await find(failing(10037)), await find(failing(10014))]).toEqual([undefined, undefined]);
});

test('js-api - whatever else is wrong is thrown, and what is away for a moment is asked for again', async () => {
  await expect(find(failing(10059))).rejects.toMatchObject({ code: 'BUCKET_NOT_FOUND' });
  expect(await find(failing(10008), failing(10037))).toBeUndefined();
});

test('js-api - who needs it no more while what is away is waited for has it not asked again', async () => {
  const call = { deadline: Date.now() + 20_000 };
  const created = { name: 'made' };
  const api = answering(failing(10008), created);
  const refused = api.ask(call, 'CONSUMER.CREATE.KV_b.c', {}, 'bucket "b"');
  setTimeout(() => (call.deadline = 0), 20);
  await expect(refused).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});
