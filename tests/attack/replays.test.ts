import { expect, test } from '@jest/globals';
import type { Authenticator } from '../../runtime/core/access.ts';
import type { Principal } from '../../runtime/core/principal.ts';
import { startKvflow } from '../support/kvflow.ts';
import { serve } from '../support/served.ts';

test('attack - an answer kept for an Idempotency-Key is not replayed to a key that was narrowed since', async () => {
  const wide: Principal = { name: 'one', functions: ['*'], buckets: ['*'], readOnly: false };
  let current = wide;
  const access: Authenticator = { required: () => true, authenticate: () => current, spend: () => undefined };
  await using k = await startKvflow();
  await k.call('kv-bucket-create', { bucket: 'secret' });
  await k.call('kv-key-put', { bucket: 'secret', key: 'a', value: 'TOP' });
  await using served = await serve(k, { access });
  const get = { bucket: 'secret', key: 'a' };
  const single = () => send(`${served.url}/functions/kv-key-get/invocations`, 'k1', get);
  const batch = () =>
    send(`${served.url}/invocations`, 'k2', { items: [{ function: 'kv-key-get', input: get }] });
  expect(await single()).toContain('TOP');
  expect(await batch()).toContain('TOP');
  expect(await batch()).toContain('TOP');
  current = { ...wide, buckets: ['team-*'] };
  for (const answer of [await single(), await batch()]) {
    expect(answer).toContain('FORBIDDEN');
    expect(answer).not.toContain('TOP');
  }
  // The rights alone keep it back: put back, the kept answers are there.
  current = { ...wide, buckets: ['team-*', 'secret'] };
  for (const answer of [await single(), await batch()]) expect(answer).toContain('TOP');
});

async function send(url: string, key: string, body: object): Promise<string> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': key };
  return await (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).text();
}
