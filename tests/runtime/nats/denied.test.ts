/** What NATS denies is told as that, at once, with the subject, and is not to be tried again. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { joinNats } from '../../support/kvflow.ts';
import { startNats } from '../../support/nats.ts';

const DENIED = [
  '$KV.ro.>',
  '$JS.API.STREAM.MSG.GET.KV_blind',
  '$JS.API.DIRECT.GET.KV_blind.>',
  '$JS.API.STREAM.DELETE.>',
];

test('denied by NATS - writes, reads and administration answer FORBIDDEN with the subject, long before their deadline', async () => {
  const list = DENIED.map(subject => `"${subject}"`).join(', ');
  const users = `authorization { users = [ { user: u, password: p, permissions: { publish: { deny: [${list}] } } } ] }`;
  await using server = await startNats({ extra: users });
  await using kvflow = joinNats({ servers: [server.url], user: 'u', password: 'p' });
  for (const bucket of ['ro', 'blind']) await kvflow.call('kv-bucket-create', { bucket });
  const calls: [name: string, input: object, subject: string][] = [
    ['kv-key-put', { bucket: 'ro', key: 'a', value: 'x' }, '$KV.ro.a'],
    ['kv-key-put', { bucket: 'ro', key: 'a', value: 'x', expected_revision: 0 }, '$KV.ro.a'],
    ['kv-key-increment', { bucket: 'ro', key: 'n' }, '$KV.ro.n'],
    ['kv-key-get', { bucket: 'blind', key: 'a' }, 'KV_blind'],
    ['kv-bucket-delete', { bucket: 'blind', confirm: 'blind' }, '$JS.API.STREAM.DELETE.KV_blind'],
  ];
  for (const [name, input, subject] of calls) {
    const { error, status_code } = (await kvflow.invoke(name, input, { timeoutMs: 60_000 })) as never as {
      status_code: number;
      error: object;
    };
    expect({ name, status_code, error }).toMatchObject({
      name,
      status_code: 403,
      error: { code: 'FORBIDDEN', retryable: false, message: expect.stringContaining(subject) },
    });
  }
  // What is allowed goes on.
  await kvflow.call('kv-key-put', { bucket: 'blind', key: 'a', value: 'x' });
});

test('denied by NATS - of an import into memory each record that is denied says so, and all others are stored', async () => {
  const denied = ['$KV.none.>', '$KV.some.k.0', '$KV.some.k.50', '$KV.last.k.99'];
  const list = denied.map(subject => `"${subject}"`).join(', ');
  const users = `authorization { users = [ { user: u, password: p, permissions: { publish: { deny: [${list}] } } } ] }`;
  await using server = await startNats({ extra: users });
  await using kvflow = joinNats({ servers: [server.url], user: 'u', password: 'p' });
  const records = Array.from({ length: 100 }, (_, at) => ({ key: `k.${at}`, value: 'x' }));
  const refused = async (bucket: string) => {
    await kvflow.call('kv-bucket-create', { bucket, storage: 'memory' });
    const { imported, failed } = (await kvflow.call('kv-bucket-import', { bucket, records })) as unknown as {
      imported: number;
      failed: { key: string; error: { code: string } }[];
    };
    const { values } = await kvflow.call('kv-bucket-info', { bucket });
    expect([imported, values]).toEqual([100 - failed.length, imported]);
    return failed.map(({ key, error }) => `${key} ${error.code}`);
  };
  expect(await refused('none')).toEqual(records.map(({ key }) => `${key} FORBIDDEN`));
  expect(await refused('some')).toEqual(['k.0 FORBIDDEN', 'k.50 FORBIDDEN']);
  expect(await refused('last')).toEqual(['k.99 FORBIDDEN']);
}, 90_000);

test('denied by NATS - what a listing or a watch asks its consumer for is FORBIDDEN at once too', async () => {
  const next = '$JS.API.CONSUMER.MSG.NEXT.KV_b.>';
  const users = `authorization { users = [ { user: u, password: p, permissions: { publish: { deny: "${next}" } } } ] }`;
  await using server = await startNats({ extra: users });
  await using kvflow = joinNats({ servers: [server.url], user: 'u', password: 'p' });
  await kvflow.call('kv-bucket-create', { bucket: 'b' });
  await kvflow.call('kv-key-put', { bucket: 'b', key: 'a', value: 'x' });
  const calls: [name: string, input: object][] = [
    ['kv-key-list', { bucket: 'b' }],
    ['kv-bucket-export', { bucket: 'b' }],
    ['kv-key-watch', { bucket: 'b', start: 'new', wait_ms: 25_000 }],
  ];
  for (const [name, input] of calls) {
    const refused = await kvflow.fail(name, input, { timeoutMs: 60_000 });
    expect({ name, ...refused }).toMatchObject({
      name,
      code: 'FORBIDDEN',
      message: expect.stringContaining('CONSUMER.MSG.NEXT.KV_b'),
    });
  }
});

test('denied by NATS - a user that may not hear answers is told so, and works as soon as it may', async () => {
  const users = `authorization { users = [ { user: u, password: p, permissions: { subscribe: { deny: "_INBOX.>" } } } ] }`;
  await using server = await startNats({ extra: users });
  await using kvflow = joinNats({ servers: [server.url], user: 'u', password: 'p' });
  for (const name of ['kv-bucket-list', 'kv-account-info'])
    expect(await kvflow.fail(name, {}, { timeoutMs: 60_000 })).toMatchObject({
      code: 'FORBIDDEN',
      retryable: false,
      message: expect.stringContaining('_INBOX.>'),
    });
  const config = join(server.folder, 'nats.conf');
  await writeFile(config, (await readFile(config, 'utf8')).replace('"_INBOX.>"', '"none"'));
  await server.stop();
  await server.start();
  await eventually(async () => expect((await kvflow.invoke('kv-bucket-list', {})).status_code).toBe(200));
});
