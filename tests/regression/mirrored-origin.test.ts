import { expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { startWithServer } from '../support/kvflow.ts';

const TIMES = 30;

/**
 * A mirror of the same account answers direct gets of its origin, chosen by chance for each. One that keeps less than
 * its origin, or is behind, must not be what a reader of the origin sees.
 */
test('a bucket with a mirror - every read of the bucket is answered by the bucket itself', async () => {
  await using kvflow = await startWithServer();
  const { call, server } = kvflow;
  await call('kv-bucket-create', { bucket: 'prefs', history: 10, storage: 'memory' });
  await call('kv-bucket-create', {
    bucket: 'few',
    storage: 'memory',
    mirror: { name: 'prefs', filter_subject: 'a.>' },
  });
  for (const value of ['1', '2', '3', '4']) await call('kv-key-put', { bucket: 'prefs', key: 'b.x', value });
  await call('kv-key-put', { bucket: 'prefs', key: 'a.x', value: '1' });
  await using mirrorAnswers = await subjectIsAnswered(server.url, '$KV.prefs.a.x');
  await eventually(async () => expect(await mirrorAnswers.streams()).toContain('KV_few'));

  for (let round = 0; round < TIMES; round++) {
    const at = { bucket: 'prefs', key: 'b.x' };
    expect(await call('kv-key-get', at)).toMatchObject({ value: '4' });
    expect(await call('kv-key-get', { ...at, revision: 1 })).toMatchObject({ value: '1' });
    expect(await call('kv-key-history', at)).toMatchObject({
      items: [{ value: '1' }, { value: '2' }, { value: '3' }, { value: '4' }],
    });
    const listed = { items: [{ key: 'b.x' }, { key: 'a.x' }], has_more: false };
    expect(await call('kv-key-list', { bucket: 'prefs' })).toMatchObject(listed);
    const many = { bucket: 'prefs', keys: ['a.x', 'b.x', 'none'] };
    expect(await call('kv-key-get-many', many)).toMatchObject({
      items: [{ value: '1' }, { value: '4' }],
      missing: ['none'],
    });
  }
});

async function subjectIsAnswered(url: string, subject: string) {
  const { connect } = await import('@nats-io/transport-node');
  const connection = await connect({ servers: url });
  return {
    /** Who answers direct gets of the subject. */
    streams: async () => {
      const asked = Array.from({ length: 20 }, () =>
        connection.request(`$JS.API.DIRECT.GET.KV_prefs.${subject}`, ''),
      );
      return (await Promise.all(asked)).map(({ headers }) => headers?.get('Nats-Stream'));
    },
    [Symbol.asyncDispose]: () => connection.close(),
  };
}
