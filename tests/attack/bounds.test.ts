import { request } from 'node:http';
import { beforeAll, expect, test } from '@jest/globals';
import type { Principal } from '../../runtime/core/principal.ts';
import { forAll } from '../support/for-all.ts';
import { startKvflow } from '../support/kvflow.ts';
import { postJson } from '../support/post-json.ts';
import { serve } from '../support/served.ts';

const k = forAll(startKvflow);
const served = forAll(() => serve(k));

beforeAll(async () => {
  await k.call('kv-bucket-create', { bucket: 'b' });
});

test('bounds - a batch of large reads answers what fits, and tells the rest by a code', async () => {
  await k.call('kv-key-put', { bucket: 'b', key: 'a', value: 'x'.repeat(1_000_000) });
  const item = { function: 'kv-key-get', input: { bucket: 'b', key: 'a' } };
  const answer = await postJson(`${served.url}/invocations`, {
    items: Array.from({ length: 100 }, () => item),
  });
  const { items } = (await answer.json()) as { items: { status_code: number; error?: { code: string } }[] };
  const worked = items.filter(({ status_code }) => status_code === 200);
  expect(worked.length).toBe(33);
  const codes = new Set(items.flatMap(({ error }) => (error ? [error.code] : [])));
  expect([...codes]).toEqual(['PAYLOAD_TOO_LARGE']);
});

test('bounds - an import whose line does not end is 413 while it is being sent', async () => {
  const { status, sent } = await importWithoutEnd();
  expect(status).toBe(413);
  expect(sent).toBeLessThan(200);
});

test('bounds - a body that its caller may not send is not read', async () => {
  const reader: Principal = { name: 'reader', functions: ['*'], buckets: ['mine'], readOnly: true };
  const access = { required: () => true, authenticate: () => reader, spend: () => undefined };
  await using limited = await serve(k, { access });
  for (const address of ['mine/keys/a', 'b/keys/a']) {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      // Headers alone: the body never comes.
      const outgoing = request(`${limited.url}/buckets/${address}`, {
        method: 'PUT',
        headers: { 'content-length': '1000000', authorization: 'Bearer x' },
      });
      outgoing.once('response', response => {
        resolve(response.statusCode);
        outgoing.destroy();
      });
      outgoing.once('error', reject);
      outgoing.flushHeaders();
    });
    expect([address, status]).toEqual([address, 403]);
  }
});

/** Sends a record, then one line of megabytes until there is an answer. */
function importWithoutEnd(): Promise<{ status: number | undefined; sent: number }> {
  const mega = Buffer.alloc(1_048_576, 'x');
  return new Promise((resolve, reject) => {
    let sent = 0;
    let over = false;
    const outgoing = request(`${served.url}/buckets/b/import`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
    });
    outgoing.once('response', response => {
      over = true;
      response.resume();
      resolve({ status: response.statusCode, sent });
      outgoing.destroy();
    });
    outgoing.on('error', error => over || reject(error));
    outgoing.write(`${JSON.stringify({ key: 'first', value: 'x' })}\n`);
    const go = (): void => {
      if (over || sent >= 1_024) return;
      sent += 1;
      outgoing.write(mega, () => setImmediate(go));
    };
    go();
  });
}
