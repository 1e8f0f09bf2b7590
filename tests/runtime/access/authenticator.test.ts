import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { PackError } from '../../../contract/errors.ts';
import type { NewApiKey } from '../../../runtime/access/api-key.ts';
import { createAuthenticator } from '../../../runtime/access/authenticator.ts';
import { createKeyFile } from '../../../runtime/access/key-file.ts';
import { createRateLimiter } from '../../../runtime/access/rate-limiter.ts';
import { EVERYTHING } from '../../../runtime/core/principal.ts';

let folder: string;
let time: number;
const now = () => time;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kvflow-auth-'));
  time = Date.now();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const path = () => join(folder, 'api-keys.json');
const add = async (wanted: NewApiKey) => (await createKeyFile(path()).add(wanted)).key;

function authenticator(configKeys: string[] = [], onError = (_error: unknown) => {}) {
  return createAuthenticator({ keyFile: createKeyFile(path()), configKeys, now, onError });
}

function errorOf(work: () => unknown): PackError {
  try {
    work();
  } catch (error) {
    if (error instanceof PackError) return error;
  }
  throw new Error('it did not fail with a PackError');
}

test('access - without any key everybody may do everything', () => {
  const auth = authenticator();
  expect(auth.required()).toBe(false);
  expect(auth.authenticate(undefined)).toBe(EVERYTHING);
});

test('access - a key names its principal', async () => {
  const key = await add({ name: 'ci', functions: ['kv-*'], buckets: ['a'], read_only: true });
  const auth = authenticator();
  expect(auth.authenticate(`Bearer ${key}`)).toEqual({
    name: 'ci',
    functions: ['kv-*'],
    buckets: ['a'],
    subjects: [],
    destinations: ['*'],
    tables: [],
    namespaces: ['*'],
    flows: false,
    readOnly: true,
  });
  expect(auth.authenticate(`bearer  ${key}`).name).toBe('ci');
});

test.each([undefined, '', 'Bearer', 'Bearer ', 'Basic YTpi', 'Bearer wrong', 'Bearer a b', 'kvf_x'])(
  'access - %s is UNAUTHENTICATED',
  async header => {
    await add({ name: 'ci' });
    const auth = authenticator();
    expect(errorOf(() => auth.authenticate(header)).code).toBe('UNAUTHENTICATED');
  },
);

test('access - a key that is added locks an open server, and a revoked one is out within the recheck time', async () => {
  const auth = authenticator();
  const key = await add({ name: 'ci' });
  time += 500;
  expect(auth.required()).toBe(true);
  expect(auth.authenticate(`Bearer ${key}`).name).toBe('ci');
  await createKeyFile(path()).revoke('ci');
  time += 500;
  expect(errorOf(() => auth.authenticate(`Bearer ${key}`)).message).toContain('revoked');
});

test('access - revoking the last key does not open the door', async () => {
  const key = await add({ name: 'ci' });
  const auth = authenticator();
  await createKeyFile(path()).revoke('ci');
  time += 500;
  expect(auth.required()).toBe(true);
  expect(errorOf(() => auth.authenticate(undefined)).code).toBe('UNAUTHENTICATED');
  await rm(path());
  time += 500;
  expect(errorOf(() => auth.authenticate(`Bearer ${key}`)).code).toBe('UNAUTHENTICATED');
});

test('access - an expired key is refused by name, and still counts as a key', async () => {
  const key = await add({ name: 'ci', expires_at: new Date(time + 60_000).toISOString() });
  const auth = authenticator();
  expect(auth.authenticate(`Bearer ${key}`).name).toBe('ci');
  time += 60_000;
  expect(errorOf(() => auth.authenticate(`Bearer ${key}`)).message).toContain('"ci" expired at');
  expect(authenticator().required()).toBe(true);
});

test('access - a key file that breaks is reported once and leaves the known keys valid', async () => {
  const key = await add({ name: 'ci' });
  const errors: unknown[] = [];
  const auth = authenticator([], error => errors.push(error));
  await writeFile(path(), 'oops');
  for (let i = 0; i < 3; i++) {
    time += 500;
    expect(auth.authenticate(`Bearer ${key}`).name).toBe('ci');
  }
  expect(errors).toHaveLength(1);
  expect(() => authenticator()).toThrow('api-keys.json');
});

test('access - configured keys may do everything; short ones are refused', () => {
  const auth = authenticator(['a-configured-key-1', 'a-configured-key-2']);
  expect(auth.authenticate('Bearer a-configured-key-2')).toMatchObject({ name: 'config-2', readOnly: false });
  expect(auth.authenticate('Bearer a-configured-key-2')).not.toBe(EVERYTHING);
  expect(() => authenticator(['short'])).toThrow('KVFLOW_API_KEYS needs at least 16');
});

test('access - a rate limit holds, says when to come back, and outlives changes of other keys', async () => {
  const key = await add({ name: 'ci', rate_limit: { calls: 2, per: 'minute' } });
  const auth = authenticator();
  auth.spend(auth.authenticate(`Bearer ${key}`), 1);
  await add({ name: 'other' });
  time += 500;
  const principal = auth.authenticate(`Bearer ${key}`);
  auth.spend(principal, 1);
  const error = errorOf(() => auth.spend(principal, 1));
  expect(error.code).toBe('RATE_LIMITED');
  expect(error.details.retry_after_ms).toBeGreaterThan(0);
  expect(error.details.retry_after_ms).toBeLessThanOrEqual(30_000);
});

test('access - a batch larger than the limit goes through and is paid for afterwards', () => {
  let at = 0;
  const limiter = createRateLimiter({ calls: 10, per: 'second' }, () => at);
  expect(limiter.take(110)).toBe(0);
  expect(limiter.take(1)).toBe(10_100);
  at += 10_099;
  expect(limiter.take(1)).toBeGreaterThan(0);
  at += 2;
  expect(limiter.take(1)).toBe(0);
});
