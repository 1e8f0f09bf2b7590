import { expect, test } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { fastify } from 'fastify';
import { stringifyExact } from '../../../contract/exact-json.ts';
import { jsonWeight } from '../../../runtime/core/json-weight.ts';
import { acceptJson } from '../../../runtime/server/json-body.ts';
import { createByteBudget } from '../../../runtime/server/memory/byte-budget.ts';
import { createLease } from '../../../runtime/server/memory/lease.ts';

const MIB = 1024 * 1024;
const headers = { 'content-type': 'application/json' };

/** What of a budget is taken while a body is handled. */
async function taken(body: string, most = 1024 * MIB): Promise<{ status: number; bytes: number }> {
  const budget = createByteBudget(most);
  const app = fastify() as unknown as FastifyInstance;
  let bytes = 0;
  app.decorateRequest('lease', null);
  app.addHook('onRequest', async request => {
    request.lease = createLease(budget);
  });
  acceptJson(app, budget);
  app.setErrorHandler((error, _request, reply) =>
    reply.code((error as { status?: number }).status ?? 500).send(error),
  );
  app.post('/', async () => {
    bytes = most - budget.free();
    return {};
  });
  const { statusCode } = await app.inject({ method: 'POST', url: '/', headers, payload: body });
  await app.close();
  return { status: statusCode, bytes };
}

const LIST = `{"list":[${'{},'.repeat(100_000)}{}]}`;

test('body - what is in it is counted, before it is read where there is not room for anything', async () => {
  expect(await taken(LIST)).toEqual({ status: 200, bytes: jsonWeight(LIST) });
  // So much that it is counted first, and fits.
  expect(await taken(LIST, 18 * MIB)).toEqual({ status: 200, bytes: jsonWeight(LIST) });
  expect((await taken(LIST, 9 * MIB)).status).toBe(413);
});

test('body - texts alone weigh no more than their bytes, brackets in them or not', async () => {
  const body = JSON.stringify({ ndjson: LIST, script: 'return $' });
  expect((await taken(body)).bytes).toBeLessThanOrEqual(4 * body.length);
  // Counted first, as whatever it is.
  expect((await taken(body, 9 * MIB)).status).toBe(413);
});

test('body - what is nested too deeply is refused, in a text it is not', async () => {
  const deep = `${'['.repeat(600)}${']'.repeat(600)}`;
  expect((await taken(`{"value":${deep}}`)).status).toBe(400);
  expect((await taken(JSON.stringify({ value: deep }))).status).toBe(200);
});

test('body - a call with an Idempotency-Key is recognized by its tokens, as builds before recognize it', async () => {
  const app = fastify() as unknown as FastifyInstance;
  app.decorateRequest('lease', null);
  acceptJson(app, createByteBudget());
  app.post('/', async ({ body }) => stringifyExact(body));
  const body = String.raw`{"key":"first","key":"caf\u00e9","2":"a\/b","1":"x"}`;
  const keyed = { ...headers, 'idempotency-key': 'k' };
  const { payload } = await app.inject({ method: 'POST', url: '/', headers: keyed, payload: ` ${body}` });
  expect(payload).toBe(body);
  await app.close();
});
