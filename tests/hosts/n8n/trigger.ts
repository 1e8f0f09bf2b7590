/** A part of n8n.test.ts: the trigger. */
import { expect, test } from '@jest/globals';
import { closedAccess as closed, TEST_KEY as KEY } from '../../support/closed-access.ts';
import { eventually } from '../../support/eventually.ts';
import type { TestKvflow } from '../../support/kvflow.ts';
import type { Served } from '../../support/served.ts';
import { serve } from '../../support/served.ts';
import type { N8nPackage } from '../support/n8n.ts';
import { activate } from '../support/n8n.ts';

interface Shared {
  kvflow: TestKvflow;
  served: Served;
  pack: () => N8nPackage;
}

const changes = (items: { json: object }[]) => items.map(({ json }) => json);
const watched = (filter: string) => ({
  bucket: { mode: 'list', value: 'with-history' },
  filter,
});

/** A proxy that keeps what it is to pass on until there is more of it. */
const silence = () =>
  new Response(new ReadableStream(), { headers: { 'content-type': 'text/event-stream' } });

const NO_STREAM: [what: string, answer: () => Response][] = [
  ['holds the stream back', silence],
  ['refuses the stream', () => new Response('no', { status: 502 })],
  ['answers it with a page', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
];

/** Registers them, on a server that all parts share. */
export function trigger({ kvflow, served, pack }: Shared): void {
  const credential = () => ({ url: `${served.url}/`, apiKey: KEY });
  const put = (key: string, value: string) =>
    kvflow.call('kv-key-put', { bucket: 'with-history', key, value });

  test('n8n - the trigger tells of a change as it comes, by a stream it holds', async () => {
    const asked: string[] = [];
    const request = (path: string) => void asked.push(path);
    const options = { credential: credential(), parameters: watched('held.*'), request };
    await using trigger = await activate(pack(), options);
    await eventually(() => expect(asked).toContain('/buckets/with-history/watch'));
    await put('held.1', 'a ü 漢');
    expect(changes(await trigger.next())).toMatchObject([
      { key: 'held.1', operation: 'put', value: 'a ü 漢' },
    ]);
    await kvflow.call('kv-key-delete', { bucket: 'with-history', key: 'held.1' });
    expect(changes(await trigger.next())).toMatchObject([{ key: 'held.1', operation: 'delete' }]);
    // One call to know where "now" is, one stream: nothing was polled.
    expect(asked).toHaveLength(2);
  });

  test.each([
    ['off', 'an id'],
    ['old', 'a plain number, as the build before stored it'],
  ])(
    'n8n - the trigger tells what changed while the workflow was off, once: %s, its place is %s',
    async name => {
      const staticData: { next?: number; next_id?: string } = {};
      const options = { credential: credential(), parameters: watched(`${name}.*`), staticData };
      await put(`${name}.0`, 'before anybody followed');
      await (await activate(pack(), options))[Symbol.asyncDispose]();
      expect(staticData).toMatchObject({ next: expect.any(Number), next_id: expect.any(String) });
      if (name === 'old') delete staticData.next_id;
      await put(`${name}.1`, 'a');
      await put(`${name}.2`, 'b');
      const told: object[] = [];
      await using trigger = await activate(pack(), options);
      while (told.length < 2) told.push(...changes(await trigger.next()));
      await put(`${name}.3`, 'c');
      told.push(...changes(await trigger.next()));
      expect(told).toMatchObject([1, 2, 3].map(n => ({ key: `${name}.${n}` })));
      expect(staticData.next_id).toMatch(/-/);
    },
  );

  test('n8n - the end of a value is told once, though it has the revision of the value', async () => {
    await kvflow.call('kv-bucket-create', { bucket: 'ending', history: 5, key_ttl: true });
    const staticData = {};
    const parameters = { bucket: { mode: 'name', value: 'ending' }, filter: '>' };
    const options = { credential: credential(), parameters, staticData };
    const item = { bucket: 'ending', value: 'x' };
    const told: string[] = [];
    const take = async (trigger: Awaited<ReturnType<typeof activate>>, count: number) => {
      while (told.length < count) {
        const more = changes(await trigger.next()) as { key: string; operation: string }[];
        told.push(...more.map(({ key, operation }) => `${key} ${operation}`));
      }
    };
    {
      await using trigger = await activate(pack(), options);
      await kvflow.call('kv-key-put', { ...item, key: 'short', ttl: 1_000_000_000 });
      await kvflow.call('kv-key-put', { ...item, key: 'long' });
      await take(trigger, 3);
    }
    await using again = await activate(pack(), options);
    await kvflow.call('kv-key-put', { ...item, key: 'next' });
    await take(again, 4);
    expect(told.toSorted()).toEqual(['long put', 'next put', 'short expire', 'short put']);
  });

  test.each(NO_STREAM)(
    'n8n - where something on the way %s, the trigger asks by sequence',
    async (_what, answer) => {
      const request = (path: string) => (path.endsWith('/watch') ? answer() : undefined);
      const options = { credential: credential(), parameters: watched('polled.*'), request };
      await using trigger = await activate(pack(), options);
      await put('polled.1', 'a');
      expect(changes(await trigger.next())).toMatchObject([{ key: 'polled.1' }]);
      await put('polled.2', 'b');
      expect(changes(await trigger.next())).toMatchObject([{ key: 'polled.2' }]);
    },
  );

  test('n8n - the trigger goes on when kvflow is back', async () => {
    let away = false;
    const request = (path: string): undefined => {
      if (away) throw new Error(`connect ECONNREFUSED ${path}`);
    };
    const options = { credential: credential(), parameters: watched('back.*'), staticData: {}, request };
    const first = await serve(kvflow, { access: closed });
    await using trigger = await activate(pack(), { ...options, credential: { url: first.url, apiKey: KEY } });
    await put('back.1', 'a');
    expect(changes(await trigger.next())).toMatchObject([{ key: 'back.1' }]);
    away = true;
    await first.close();
    await put('back.2', 'b');
    const again = await serve(kvflow, { access: closed, port: Number(new URL(first.url).port) });
    away = false;
    expect(changes(await trigger.next())).toMatchObject([{ key: 'back.2' }]);
    await trigger[Symbol.asyncDispose]();
    await again.close();
  });

  test('n8n - a trigger that cannot begin says why, and one that cannot go on tells n8n', async () => {
    const nowhere = { bucket: { mode: 'name', value: 'nowhere' }, filter: '>' };
    await expect(activate(pack(), { credential: credential(), parameters: nowhere })).rejects.toMatchObject({
      name: 'NodeApiError',
      message: expect.stringContaining('There is no bucket "nowhere"'),
    });
    await kvflow.call('kv-bucket-create', { bucket: 'doomed' });
    const doomed = { bucket: { mode: 'name', value: 'doomed' }, filter: '>' };
    await using trigger = await activate(pack(), { credential: credential(), parameters: doomed });
    await kvflow.call('kv-bucket-delete', { bucket: 'doomed', confirm: 'doomed' });
    expect((await trigger.failed).message).toContain('There is no bucket "doomed"');
  });

  test('n8n - while a workflow is built the trigger shows a key as it is, else the next change', async () => {
    await put('sample', 'x');
    const parameters = watched('sample');
    const options = { credential: credential(), mode: 'manual' as const };
    await using shown = await activate(pack(), { ...options, parameters });
    expect(changes(await shown.next())).toMatchObject([{ key: 'sample', value: 'x' }]);
    await using waiting = await activate(pack(), { ...options, parameters: watched('not.yet') });
    await put('not.yet', 'y');
    expect(changes(await waiting.next())).toMatchObject([{ key: 'not.yet', value: 'y' }]);
  });
}
