/** A part of never-lose.test.ts. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { calls } from '../../support/calls.ts';
import { builtDashboard } from '../support/built.ts';
import type { Dashboard } from '../support/dashboard.ts';
import { browserTest } from '../support/dashboard.ts';
import type { followStreams } from '../support/streams.ts';

/** Registers them, on a server and browser that all parts share. */
export function tabs(open: Dashboard, streams: ReturnType<typeof followStreams>): void {
  browserTest(
    'tabs - any number of tabs shares one stream, each is told its own, and a closed one is let go',
    async () => {
      const k = open.kvflow();
      await calls.create(k, { bucket: 'tabs' });
      await using visit = await open.visit('/ui/buckets');
      const context = visit.page.context();
      const pages = [];
      for (let i = 0; i < 9; i++) {
        await calls.put(k, { bucket: 'tabs', key: `k${i}`, value: `first ${i}` });
        const page = await context.newPage();
        await page.goto(`${open.url()}/ui/buckets/tabs/keys/k${i}`);
        await page.getByText(`first ${i}`, { exact: true }).waitFor();
        pages.push(page);
      }
      expect(await visit.page.getByText('kvflow does not answer').count()).toBe(0);
      for (const i of [0, 8]) {
        await calls.put(k, { bucket: 'tabs', key: `k${i}`, value: `second ${i}` });
        await pages[i]?.getByText(`second ${i}`, { exact: true }).waitFor();
      }
      await Promise.all(pages.slice(1).map(page => page.close()));
      await calls.put(k, { bucket: 'tabs', key: 'k0', value: 'third' });
      await pages[0]?.getByText('third', { exact: true }).waitFor();
      expect(streams.open()).toBe(1);
    },
  );

  browserTest('tabs - two hundred of them are one stream at the server, and each is told', async () => {
    await calls.create(open.kvflow(), { bucket: 'many-tabs', storage: 'memory' });
    const assets = await readdir(join(await builtDashboard(), 'assets'));
    const worker = `/ui/assets/${assets.find(name => /^watch-worker-.*\.js$/.test(name))}`;
    await using visit = await open.visit('/ui/buckets');
    await visit.page.evaluate(`${AS_MANY_TABS}(${JSON.stringify({ worker, tabs: 200 })})`);
    expect(streams.open()).toBe(1);
    await calls.put(open.kvflow(), { bucket: 'many-tabs', key: 'k.1', value: 'v' });
    const told = await visit.page.evaluate<string[]>('globalThis.tabsTold');
    expect(told).toEqual(Array(200).fill('k.1'));
    expect(streams.open()).toBe(1);
  });

  browserTest('stream - one that is away is called the stream, while kvflow itself answers', async () => {
    const k = open.kvflow();
    await calls.create(k, { bucket: 'away' });
    await using visit = await open.visit('/ui/live?bucket=away');
    visit.allow(/ERR_|Failed to load/);
    const { page } = visit;
    await page.getByText('Live', { exact: true }).nth(2).waitFor();
    const back = streams.cut();
    try {
      await page.getByText(/^Reconnecting for .*: The stream of changes is away/).waitFor();
      expect(await page.getByText('kvflow does not answer').count()).toBe(0);
      await calls.put(k, { bucket: 'away', key: 'meanwhile', value: 'v' });
    } finally {
      back();
    }
    await page.getByRole('link', { name: 'meanwhile', exact: true }).waitFor();
  });
}

/** Opens the worker that tabs share as so many tabs do, each with a watch of its own; resolves when all were told of a put. */
const AS_MANY_TABS = `(async ({ worker, tabs }) => {
  const told = [];
  globalThis.tabsLive = Promise.all(Array.from({ length: tabs }, (_, tab) => new Promise(live => {
    const { port } = new SharedWorker(worker, { type: 'module' });
    told.push(new Promise(put => {
      port.onmessage = ({ data: { news } }) => {
        if (news.kind === 'live') live();
        if (news.kind === 'changes') put(news.changes[0].key);
      };
    }));
    port.postMessage({ kind: 'watch', id: 0, key: undefined, range: { bucket: 'many-tabs', filter: 'k.*' } });
  })));
  globalThis.tabsTold = Promise.all(told);
  await globalThis.tabsLive;
})`;
