/** How Snowflake's engine is configured and logs in: the real snowflake-sdk against a stand-in of its protocol. */
import { generateKeyPairSync } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { openSnowflake } from '../../../runtime/warehouses/snowflake/engine.ts';
import { forAll } from '../../support/for-all.ts';
import { PATIENCE } from '../../support/patience.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { startSnowflake } from '../../support/warehouses/snowflake.ts';

let url: string;

const server = forAll(startSnowflake);

beforeAll(async () => {
  url = await server.database('shop');
});

const within = (ms = 5_000 * PATIENCE) => ({ deadline: Date.now() + ms });

test('snowflake - logs in by key pair', async () => {
  await using folder = await tempDir();
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const file = join(folder.path, 'key.p8');
  const cipher = { cipher: 'aes-256-cbc', passphrase: 'open sesame' };
  await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem', ...cipher }));
  server.publicKey = String(publicKey.export({ type: 'spki', format: 'pem' }));
  const withKey = new URL(url);
  withKey.password = '';
  withKey.searchParams.set('private_key_file', file);
  withKey.searchParams.set('private_key_passphrase', 'open sesame');
  const keyed = await openSnowflake({ url: withKey.href });
  expect(await keyed.describe(within(), 't')).toBeUndefined();
  await keyed.close();
});

test('snowflake - a wrong password is told without it', async () => {
  const wrong = await openSnowflake({ url: url.replace('stand-in@', 'hunter2@') });
  await expect(wrong.describe(within(), 't')).rejects.toMatchObject({
    code: 'WAREHOUSE_ERROR',
    message: expect.stringContaining('Incorrect username or password'),
  });
  await wrong.describe(within(), 't').catch(error => expect(JSON.stringify(error)).not.toContain('hunter2'));
  await wrong.close();
});

const BAD_URLS: [url: string, says: string][] = [
  ['postgres://u:p@a/b', 'must begin with snowflake://'],
  ['snowflake://:secret@account/db', 'names no user'],
  ['snowflake://user:secret@account', 'needs /database'],
  ['snowflake://user:secret@account/a/b/c', 'needs /database'],
  ['snowflake://user@account/db', 'needs a password'],
  ['snowflake://user:secret@account/db?wharehouse=x', 'parameters that are not known: wharehouse'],
  ['snowflake://user:secret@account/db?access_url=ftp://x', 'access_url'],
  ['snowflake://user:sec%ret@account/db', 'escape'],
];

test.each(BAD_URLS)('snowflake - the url %s is refused', async (bad, says) => {
  const opening = openSnowflake({ url: bad });
  await expect(opening).rejects.toMatchObject({
    code: 'WAREHOUSE_ERROR',
    message: expect.stringContaining(says),
  });
  await expect(opening).rejects.not.toMatchObject({ message: expect.stringContaining('secret') });
});

test('snowflake - without the package the message says what to install', async () => {
  const missing = () => Promise.reject(Object.assign(new Error('no'), { code: 'ERR_MODULE_NOT_FOUND' }));
  await expect(openSnowflake({ url }, missing)).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringContaining('npm install snowflake-sdk'),
  });
});

test('snowflake - the SDK writes no files and sends no telemetry', async () => {
  const engine = await openSnowflake({ url });
  expect(await engine.describe(within(), 't')).toBeUndefined();
  await engine.close();
  expect(server.seen.telemetry).toBe(0);
  expect((await readdir(process.cwd())).filter(name => name.endsWith('.log'))).toEqual([]);
});
