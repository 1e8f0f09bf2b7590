/**
 * The server removes a deleted stream's files after it has answered. What it has not removed yet must neither keep a bucket from being
 * made, nor come back in it: where the hidden folder of an earlier delete is still there, the next delete leaves everything in place.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { fromApi } from '../../runtime/nats/errors.ts';
import type { JsApi } from '../../runtime/nats/js-api.ts';
import { createStream } from '../../runtime/nats/kv/bucket/create-stream.ts';
import { eventually } from '../support/eventually.ts';
import { forAll } from '../support/for-all.ts';
import { joinNats } from '../support/kvflow.ts';
import { startNats } from '../support/nats.ts';

const server = forAll(startNats);

/** The folder that the server moves a deleted stream's files to, as though it had not come to remove it yet. */
async function unremoved(bucket: string): Promise<string> {
  const folder = join(server.store, '$G', 'streams', `.KV_${bucket}`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'meta.inf'), '');
  return folder;
}

test('a bucket made again - holds nothing of the one that was deleted, in any of its readers', async () => {
  await using kvflow = joinNats({ servers: [server.url] });
  const { call } = kvflow;
  for (const round of ['first', 'second', 'third']) {
    expect(await call('kv-bucket-create', { bucket: 'again' })).toMatchObject({
      created: true,
      last_seq: expect.any(Number),
    });
    expect(await call('kv-key-list', { bucket: 'again' })).toMatchObject({ items: [] });
    expect(await call('kv-bucket-info', { bucket: 'again' })).toMatchObject({ values: 0, markers: 0 });
    await call('kv-key-put', { bucket: 'again', key: `of.${round}`, value: '1' });
    await call('kv-key-put', { bucket: 'again', key: 'of.all', value: round });
    expect(await call('kv-key-list', { bucket: 'again' })).toMatchObject({
      items: [{ key: `of.${round}` }, { key: 'of.all', value: round }],
    });
    await unremoved('again');
    await call('kv-bucket-delete', { bucket: 'again', confirm: 'again' });
  }
});

test('a mirror made again - is refused while files of an earlier one are there, and whole when they are gone', async () => {
  await using kvflow = joinNats({ servers: [server.url] });
  const { call } = kvflow;
  for (const bucket of ['origin', 'other']) await call('kv-bucket-create', { bucket });
  for (const key of ['a', 'b']) await call('kv-key-put', { bucket: 'origin', key, value: key });
  await call('kv-key-put', { bucket: 'other', key: 'c', value: 'c' });
  await call('kv-bucket-create', { bucket: 'copy', mirror: { name: 'origin' } });
  const shows = (name: string, expected: object) =>
    eventually(async () => expect(await call(name, { bucket: 'copy' })).toMatchObject(expected));
  await shows('kv-bucket-info', { values: 2 });
  const folder = await unremoved('copy');
  await call('kv-bucket-delete', { bucket: 'copy', confirm: 'copy' });
  const made = { bucket: 'copy', mirror: { name: 'other' } };
  expect(await kvflow.fail('kv-bucket-create', made)).toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('still removes an earlier bucket "copy"'),
  });
  for (const left of [folder, join(folder, '..', 'KV_copy')])
    await rm(left, { recursive: true, force: true });
  await call('kv-bucket-create', made);
  await shows('kv-key-list', { items: [{ key: 'c' }] });
});

/** The API of a server that refuses a stream so many times, as it does while it removes an account's last one. */
function refusing(times: number): JsApi {
  let refused = 0;
  const error = { code: 500, err_code: 10049, description: 'error creating store for stream' };
  const ask = async () => {
    if (refused++ < times) throw fromApi(error, 'bucket "b"');
    return { state: { last_seq: 0 } };
  };
  return { ask } as Partial<JsApi> as JsApi;
}

test('a bucket made anew - is made though its folder vanishes for a moment, and the fault is told where it stays', async () => {
  const make = (api: JsApi, ms: number) =>
    createStream(
      { deadline: Date.now() + ms },
      api,
      { name: 'KV_b', storage: 'file', num_replicas: 1 },
      'bucket "b"',
    );
  expect(await make(refusing(2), 20_000)).toMatchObject({ state: { last_seq: 0 } });
  await expect(make(refusing(1_000), 200)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('error creating store'),
  });
});
