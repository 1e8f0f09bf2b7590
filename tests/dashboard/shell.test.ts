/** What is around every page: login, health, keyboard, addresses, policy, size. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from '@jest/globals';
import type { FlowsStatus } from '../../contract/flows-status.ts';
import { createAuthenticator } from '../../runtime/access/authenticator.ts';
import { createKeyFile } from '../../runtime/access/key-file.ts';
import type { FlowsControl } from '../../runtime/core/flows-status.ts';
import { dashboardRoute } from '../../runtime/server/routes/dashboard.ts';
import { flowsProcessRoute } from '../../runtime/server/routes/flows-process.ts';
import { calls } from '../support/calls.ts';
import { PATIENCE } from '../support/patience.ts';
import { serve } from '../support/served.ts';
import { expectAccessible } from './support/accessible.ts';
import { expectQuery } from './support/address.ts';
import { builtDashboard } from './support/built.ts';
import { browserTest, openDashboard } from './support/dashboard.ts';

const FIRST_LOAD = 450 * 1024;
/** Without chunks of what pages share there are twice as many, each a request of its own. */
const MAX_SCRIPTS = 80;

let healthy = true;
const open = openDashboard(() => ({
  health: async () => (healthy ? { ready: true } : { ready: false, reason: 'NATS is on a walk' }),
}));

const folder = await mkdtemp(join(tmpdir(), 'kvflow-keys-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

test('dashboard - what is loaded first is small', async () => {
  const built = await builtDashboard();
  const html = await readFile(join(built, 'index.html'), 'utf8');
  const files = [...html.matchAll(/(?:src|href)="\/ui\/([^"]+)"/g)].map(([, path = '']) => path);
  expect(files.length).toBeGreaterThanOrEqual(2);
  const sizes = await Promise.all(
    files.map(async path => gzipSync(await readFile(join(built, path))).length),
  );
  expect(sizes.reduce((sum, size) => sum + size, gzipSync(html).length)).toBeLessThan(FIRST_LOAD);
});

test('dashboard - what pages share is in few scripts, and asked for before a page is', async () => {
  const built = await builtDashboard();
  const scripts = (await readdir(join(built, 'assets'))).filter(name => name.endsWith('.js'));
  expect(scripts.length).toBeLessThan(MAX_SCRIPTS);
  const html = await readFile(join(built, 'index.html'), 'utf8');
  expect(scripts.filter(name => name.startsWith('shared-') && html.includes(name))).toHaveLength(1);
});

test('dashboard - no text becomes markup or program anywhere in its sources', async () => {
  const sources = join(import.meta.dirname, '../../dashboard/src');
  const files = (await readdir(sources, { recursive: true })).filter(file => /\.tsx?$/.test(file));
  expect(files.length).toBeGreaterThan(20);
  for (const file of files) {
    const text = await readFile(join(sources, file), 'utf8');
    expect([
      file,
      /dangerouslySetInnerHTML|[iI]nnerHTML|outerHTML|\beval\(|new Function|https?:\/\//.exec(text)?.[0],
    ]).toEqual([file, undefined]);
  }
  const html = await readFile(join(await builtDashboard(), 'index.html'), 'utf8');
  expect(html).not.toMatch(/https?:\/\/|<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/i);
});

browserTest('visits - one finds nothing of what another has stored, before it or beside it', async () => {
  const stored = `(async () => [localStorage.left, document.cookie, (await indexedDB.databases()).length])()`;
  const store = `localStorage.left = 1; document.cookie = 'left=1; max-age=1000';
    new Promise((done, fail) => Object.assign(indexedDB.open('left'), { onsuccess: () => done(), onerror: fail }))`;
  await using beside = await open.page('/ui/buckets');
  {
    await using page = await open.page('/ui/buckets');
    await page.evaluate(store);
    expect(await page.evaluate(stored)).toEqual(['1', 'left=1', 1]);
  }
  await using page = await open.page('/ui/buckets');
  for (const one of [beside, page]) expect(await one.evaluate(stored)).toEqual([undefined, '', 0]);
});

browserTest(
  'shell - the page is at / and at its addresses, forbids inline scripts and frames, and asks nobody else',
  async () => {
    const policy = async (path: string) => {
      const response = await fetch(`${open.url()}${path}`);
      return [
        response.status,
        response.headers.get('cache-control'),
        response.headers.get('content-security-policy') ?? '',
      ] as const;
    };
    for (const path of ['/', '/ui/', '/ui/buckets/a%2Fb/keys/c']) {
      const [status, cache, text] = await policy(path);
      expect([path, status, cache]).toEqual([path, 200, 'no-cache']);
      expect(text).toContain("default-src 'none'; script-src 'self';");
      for (const part of [
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
        "connect-src 'self'",
      ])
        expect(text).toContain(part);
      expect(text).not.toMatch(/unsafe-eval|script-src[^;]*unsafe|https?:|\*/);
    }
    await using visit = await open.visit('/');
    await visit.page.getByRole('heading', { name: 'Buckets', level: 1 }).waitFor();
    expect(await visit.page.title()).toBe('Buckets · kvflow');
  },
);

browserTest('shell - an unknown page says so, and Back leads back', async () => {
  await using page = await open.page('/ui/buckets');
  await page.getByRole('heading', { name: 'Buckets', level: 1 }).waitFor();
  await page.evaluate("history.pushState(null, '', '/ui/no/such/page')");
  await page.getByText('There is no such page').waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: 'Buckets', level: 1 }).waitFor();
});

browserTest('shell - help, search and colours by keyboard and button; accessible all the way', async () => {
  await using page = await open.page('/ui/buckets');
  await page.getByText('No buckets yet').waitFor();
  await expectAccessible(page);
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByText('Go to Buckets').waitFor();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('/');
  expect(await page.evaluate("document.activeElement.getAttribute('aria-label')")).toBe('Search buckets');
  await page.keyboard.press('Escape');
  const scheme = () => page.evaluate("document.documentElement.getAttribute('data-mantine-color-scheme')");
  await page.getByRole('button', { name: 'Change to: light' }).click();
  expect(await scheme()).toBe('light');
  await page.getByRole('button', { name: 'Change to: dark' }).click();
  expect(await scheme()).toBe('dark');
  await page.keyboard.press('Tab');
});

browserTest('shell - flows that are down say why, and are started in safe mode', async () => {
  const down: FlowsStatus = { mode: 'on', state: 'waiting', flows_running: false, restarts: 3 };
  let status: FlowsStatus = {
    ...down,
    ended: { at: new Date().toISOString(), why: 'ended with exit code 7' },
  };
  const control: FlowsControl = {
    status: () => status,
    setMode: async mode => (status = { ...status, mode, state: 'running' }),
  };
  await using served = await serve(open.kvflow(), {
    plugins: [dashboardRoute(await builtDashboard()), flowsProcessRoute(control)],
    homePage: false,
  });
  await using visit = await open.visit('/ui/buckets');
  const { page } = visit;
  visit.allowOrigin(served.url);
  await page.goto(`${served.url}/ui/flows`);
  await page.getByText('ended with exit code 7').waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Start in safe mode' }).click();
  await page.getByText('Safe mode', { exact: true }).waitFor();
  expect(status.mode).toBe('safe');
});

browserTest('shell - NATS away is said, and goes away by itself', async () => {
  healthy = false;
  try {
    await using visit = await open.visit('/ui/buckets');
    visit.allow(/503/);
    await visit.page.getByText('NATS is on a walk').waitFor();
    healthy = true;
    await visit.page.getByText('NATS is on a walk').waitFor({ state: 'detached' });
  } finally {
    healthy = true;
  }
});

browserTest('shell - a page that is opened while kvflow is away comes once it is back', async () => {
  await using visit = await open.visit('/ui/buckets');
  visit.allow(/ERR_CONNECTION_REFUSED|dynamically imported|could not be loaded/i);
  const { page } = visit;
  await page.getByRole('heading', { name: 'Buckets', level: 1 }).waitFor();
  await visit.quiet();
  await page.route('**', route => route.abort('connectionrefused'));
  await page.getByRole('link', { name: 'Admin log' }).click();
  await page.getByText('It comes as soon as kvflow answers.').waitFor();
  await page.getByText('kvflow does not answer', { exact: true }).waitFor();
  await expectAccessible(page);
  // What was loaded is still there.
  await page.getByRole('link', { name: 'Buckets', exact: true }).click();
  await page.getByRole('heading', { name: 'Buckets', level: 1 }).waitFor();
  await page.getByRole('link', { name: 'Admin log' }).click();
  await page.unroute('**');
  await page.getByRole('heading', { name: 'Admin log', level: 1 }).waitFor();
});

browserTest(
  'shell - a page of an older build, whose files are gone, is loaded anew, and that once',
  async () => {
    await using visit = await open.visit('/ui/buckets');
    visit.allow(/404|dynamically imported/i);
    const { page } = visit;
    await page.getByRole('heading', { name: 'Buckets', level: 1 }).waitFor();
    await visit.quiet();
    const gone = /assets\/admin-log-page/;
    let loads = 0;
    page.on('load', () => {
      loads += 1;
    });
    await page.route(gone, route => route.fulfill({ status: 404, body: '{}' }));
    await page.getByRole('link', { name: 'Admin log' }).click();
    await page.getByText('This page could not be loaded').waitFor();
    expect(loads).toBe(1);
    await page.unroute(gone);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Admin log', level: 1 }).waitFor();
  },
);

browserTest(
  'shell - an API key logs in, is forgotten with the tab, and a read-only one is told what it cannot do',
  async () => {
    const keyFile = createKeyFile(join(folder, 'api-keys.json'));
    const { key } = await keyFile.add({
      name: 'reader',
      read_only: true,
      buckets: ['team-*'],
      functions: ['kv-*'],
      subjects: ['team.>'],
      destinations: ['crm'],
      tables: ['crm_*'],
      namespaces: [],
    } as never);
    await calls.create(open.kvflow(), { bucket: 'team-a' });
    await calls.create(open.kvflow(), { bucket: 'hidden' });
    await using locked = await serve(open.kvflow(), {
      homePage: false,
      plugins: [dashboardRoute(await builtDashboard())],
      access: createAuthenticator({ keyFile }),
    });
    await using visit = await open.visit('/');
    visit.allow(/401/);
    const { page } = visit;
    visit.allowOrigin(locked.url);
    await page.goto(`${locked.url}/ui/buckets?q=team`);
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await expectAccessible(page);
    await page.getByLabel('API key').fill('wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText(/This API key is not known/).waitFor();
    await page.getByLabel('API key').fill(key);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('link', { name: 'team-a' }).waitFor();
    await expectQuery(page, { q: 'team' });
    expect(await page.getByText('hidden').count()).toBe(0);
    await page.getByText('Read-only').waitFor();
    const create = page.getByRole('button', { name: 'Create bucket' });
    expect(await create.getAttribute('aria-disabled')).toBe('true');
    await create.hover();
    await page.getByText('API key "reader" is read-only.').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'API key reader' }).click();
    for (const right of [
      'buckets: team-*',
      'functions: kv-*',
      'subjects: team.>',
      'destinations: crm',
      'tables: crm_*',
    ])
      await page.getByText(right).waitFor();
    await page.getByText('namespaces: none').waitFor();
    await page.getByText('flows: no').waitFor();
    await page.reload();
    await page.getByRole('link', { name: 'team-a' }).waitFor();
    const other = await page.context().newPage();
    await other.goto(`${locked.url}/ui/buckets`);
    await other.getByRole('heading', { name: 'Log in' }).waitFor();
    await keyFile.revoke('reader');
    await page.getByRole('heading', { name: 'Log in' }).waitFor({ timeout: 15_000 * PATIENCE });
  },
);
