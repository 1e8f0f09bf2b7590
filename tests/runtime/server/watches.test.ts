/** POST /watches: many watches over one stream. */
import { expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { postJson } from '../../support/post-json.ts';
import { startServed } from '../../support/served.ts';

interface Event {
  id: string | undefined;
  event: string;
  data: Record<string, unknown>;
}

/** Reads a stream of events into a list, until it is closed. */
async function watchMany(url: string, watches: object[]) {
  const ended = new AbortController();
  const response = await fetch(`${url}/watches`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ watches }),
    signal: ended.signal,
  });
  const events: Event[] = [];
  const reading = (async () => {
    let rest = '';
    for await (const chunk of response.body ?? []) {
      const blocks = (rest + Buffer.from(chunk).toString()).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
        const data = field('data');
        if (data)
          events.push({ id: field('id'), event: field('event') ?? '', data: JSON.parse(data) as never });
      }
    }
  })().catch(() => undefined);
  return {
    response,
    events,
    of: (name: string) => events.filter(({ data }) => data.watch === name),
    [Symbol.asyncDispose]: async () => {
      ended.abort();
      await reading;
    },
  };
}

test('watches - each event names its watch, one that fails leaves the others alone, and each goes on where it was', async () => {
  await using kvflow = await startServed();
  for (const bucket of ['a', 'b']) await kvflow.call('kv-bucket-create', { bucket });
  const put = (bucket: string, key: string, value: string) =>
    kvflow.call('kv-key-put', { bucket, key, value });
  await put('a', 'x', '1');
  const names = ({ events }: { events: Event[] }) =>
    events.filter(({ event }) => event === 'put').map(({ data }) => [data.watch, data.key, data.value]);
  {
    await using stream = await watchMany(kvflow.url, [
      { id: 'one', bucket: 'a', start: 'current' },
      { id: 'two', bucket: 'b', filter: 'y' },
      { id: 'none', bucket: 'nowhere' },
      { id: 'wrong', bucket: 'a', filter: '..' },
    ]);
    await eventually(() => expect(stream.of('two').map(({ event }) => event)).toEqual(['synced']));
    await put('b', 'other', '0');
    await put('b', 'y', '2');
    await eventually(() =>
      expect(names(stream)).toEqual([
        ['one', 'x', '1'],
        ['two', 'y', '2'],
      ]),
    );
    expect(stream.of('none')).toMatchObject([{ event: 'error', data: { code: 'BUCKET_NOT_FOUND' } }]);
    expect(stream.of('wrong')).toMatchObject([{ event: 'error', data: { code: 'INVALID_INPUT' } }]);
  }
  await put('a', 'x', '3');
  await using again = await watchMany(kvflow.url, [{ id: 'one', bucket: 'a', after: '1' }]);
  await eventually(() => expect(names(again)).toEqual([['one', 'x', '3']]));
});

test('watches - a bucket that was made again is told by a reset, and what it holds follows', async () => {
  await using kvflow = await startServed();
  const remake = async (value: string) => {
    await kvflow.call('kv-bucket-create', { bucket: 'again' });
    await kvflow.call('kv-key-put', { bucket: 'again', key: 'k', value });
  };
  await remake('old');
  let last: string | undefined;
  {
    await using stream = await watchMany(kvflow.url, [{ id: 'w', bucket: 'again', start: 'current' }]);
    await eventually(() => expect(stream.of('w').map(({ event }) => event)).toEqual(['put', 'synced']));
    last = stream.of('w')[0]?.id;
  }
  await kvflow.call('kv-bucket-delete', { bucket: 'again', confirm: 'again' });
  await remake('new');
  await using stream = await watchMany(kvflow.url, [{ id: 'w', bucket: 'again', after: last }]);
  await eventually(() =>
    expect(stream.of('w').slice(0, 2)).toMatchObject([{ event: 'reset' }, { data: { value: 'new' } }]),
  );
});

test.each([
  [{}, '/watches'],
  [{ watches: [] }, '/watches'],
  [{ watches: [{ bucket: 'a' }] }, '/watches/0/id'],
])('watches - %j is refused by name', async (body, pointer) => {
  await using kvflow = await startServed();
  const response = await postJson(`${kvflow.url}/watches`, body);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { errors: [{ pointer }] } });
});

test('watches - consumers are gone once the client is', async () => {
  await using kvflow = await startServed();
  await kvflow.call('kv-bucket-create', { bucket: 'a' });
  const used = async () =>
    ((await kvflow.call('kv-account-info', {})) as unknown as { consumers: { used: number } }).consumers.used;
  {
    const watches = Array.from({ length: 20 }, (_, i) => ({ id: String(i), bucket: 'a' }));
    await using stream = await watchMany(kvflow.url, watches);
    await eventually(() => expect(stream.events.filter(({ event }) => event === 'synced')).toHaveLength(20));
  }
  await eventually(async () => expect(await used()).toBe(0));
});
