import { expect, test } from '@jest/globals';
import { configFolder } from './config-folder.ts';

test('config - credentials of NATS_URL become the user and password, percent-encoding undone', async () => {
  await using folder = await configFolder();
  const { nats } = await folder.read({ NATS_URL: 'nats://me:p%40ss@a.example:4333,nats://b.example' });
  expect(nats).toEqual({
    servers: ['nats://a.example:4333', 'nats://b.example:4222'],
    user: 'me',
    password: 'p@ss',
  });
});

test('config - a name without a password in NATS_URL is a token', async () => {
  await using folder = await configFolder();
  expect((await folder.read({ NATS_URL: 'nats://t0ken@a.example' })).nats).toMatchObject({ token: 't0ken' });
});

test('config - NATS_USER and NATS_PASSWORD win over the URL', async () => {
  await using folder = await configFolder();
  const { nats } = await folder.read({ NATS_URL: 'nats://a:b@h', NATS_USER: 'c', NATS_PASSWORD: 'd' });
  expect(nats).toMatchObject({ user: 'c', password: 'd' });
});

test('config - tls:// asks for TLS, IPv6 keeps its brackets', async () => {
  await using folder = await configFolder();
  expect((await folder.read({ NATS_URL: 'tls://[::1]:4333' })).nats).toEqual({
    servers: ['nats://[::1]:4333'],
    tls: {},
  });
});

const BAD_URLS = [
  'ws://host',
  'nats://',
  'nats://host/path',
  'nats://host:port',
  'nats://%zz:b@host',
  ',',
  'a b',
];

test.each(BAD_URLS)('config - refuses NATS_URL=%s', async url => {
  await using folder = await configFolder();
  const [fault = ''] = await folder.faults({ NATS_URL: url });
  expect(fault).toContain('NATS_URL must be one or more NATS servers');
});

test('config - refuses two ways to log in, and half of one', async () => {
  await using folder = await configFolder({ creds: 'x', cert: 'x' });
  const env = { NATS_URL: 'h', NATS_TOKEN: 't', NATS_CREDS_FILE: 'creds', NATS_TLS_CERT: 'cert' };
  const faults = await folder.faults(env);
  expect(faults.join('\n')).toMatch(/give one of user and password, token, creds file or nkey file/);
  expect(faults.join('\n')).toMatch(/certificate and its key come together/);
  expect(await folder.faults({ NATS_URL: 'h', NATS_PASSWORD: 'p' })).toEqual([
    'nats: a password needs a user',
  ]);
  expect(await folder.faults({ NATS_URL: 'nats://a:b@h,nats://c:d@i' })).toHaveLength(1);
});

test('config - warns of NATS settings that have no effect without NATS_URL', async () => {
  await using folder = await configFolder();
  expect((await folder.read({ NATS_USER: 'a', NATS_TOKEN: 'b' })).warnings).toEqual([
    'NATS_URL is not set, so these have no effect: NATS_USER, NATS_TOKEN',
  ]);
});
