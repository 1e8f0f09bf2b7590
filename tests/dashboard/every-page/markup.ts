/** A part of every-page.test.ts. */
import { existsSync } from 'node:fs';
import { expect } from '@jest/globals';
import { dashboardRoute } from '../../../runtime/server/routes/dashboard.ts';
import { calls } from '../../support/calls.ts';
import { serve } from '../../support/served.ts';
import { warehouseAway } from '../../support/warehouses/memory.ts';
import { builtDashboard } from '../support/built.ts';
import { browserTest } from '../support/dashboard.ts';
import { HOSTILE_TEXTS } from '../support/hostile-texts.ts';
import type { Recognizing } from '../support/recognizing.ts';
import { bySeveral, KEEPS } from './shared.ts';

/** Registers them, on a server and browser that all parts share. */
export function markup(dashboard: Recognizing): void {
  const { away, sees, isNamed } = dashboard;

  browserTest(
    'every page - stored text that looks like markup or a program is shown as text and never run',
    async () => {
      const k = dashboard.kvflow();
      away.fault = warehouseAway();
      const metadata = Object.fromEntries(HOSTILE_TEXTS.map((text, i) => [`m${i}${text}`, text]));
      const text = HOSTILE_TEXTS.join('\n');
      const shape = { description: HOSTILE_TEXTS.join(' '), metadata, history: 5 };
      await calls.create(k, { bucket: 'hostile', key_encoding: 'base64', ...shape } as never);
      for (const hostile of HOSTILE_TEXTS) {
        await calls.put(k, { bucket: 'hostile', key: hostile, value: { [hostile]: hostile } });
        await calls.put(k, { bucket: 'hostile', key: hostile, value: { [hostile]: text } });
        await k.call('transform', {
          script: KEEPS,
          event: { u: hostile, [hostile]: text },
          namespace: hostile,
        });
        await sees(hostile, [hostile, `${hostile} 2`], { namespace: hostile, table: 'events' });
        await isNamed(hostile, `${hostile} 3`, { id: hostile, email: hostile }, { namespace: hostile });
        await sees(`${hostile} waits`, [`${hostile} 4`], { namespace: hostile, destination: 'away' });
        await sees(`${hostile} stays`, [`${hostile} 5`], { namespace: hostile });
      }
      for (const script of HOSTILE_TEXTS.map(hostile => `return ${JSON.stringify([hostile])}`))
        await k.call('transform-script-put', { script_id: 'hostile', script, description: text });
      const [first = ''] = HOSTILE_TEXTS;
      const fails = { script: 'throw new Error($.text)', on_error: 'dead', namespace: first };
      await k.call('transform', { ...fails, event: { text, [first]: text } });
      const part = encodeURIComponent(first);
      const stored = encodeURIComponent(`${first.replaceAll('.', '%2E')}.${first.replaceAll('.', '%2E')}`);
      const paths = [
        'buckets?q=hostile',
        'buckets/hostile',
        `buckets/hostile/keys/${part}`,
        `buckets/hostile/keys/${part}?tab=history`,
        'buckets/hostile/usage',
        'buckets/hostile/past?since=0',
        'buckets/hostile/changes',
        'admin-log',
        'live?bucket=hostile&start=history',
        `functions/kv-key-get#input=${encodeURIComponent(JSON.stringify({ bucket: first, key: first }))}`,
        'sessions',
        `sessions?namespace=${part}`,
        `sessions/buckets/transform_kv/${stored}`,
        'sessions/dead',
        'sessions/scripts',
        'sessions/scripts/hostile',
        'sessions/scripts/hostile?show=changes',
        'recognition?view=remembered',
        'recognition?view=identities',
        'recognition?view=pending',
        'recognition?view=dead',
        'recognition?view=audit',
        `recognition/visitors/${part}`,
        'import-export?bucket=hostile',
        `buckets?q=${part}`,
        `recognition?bucket=${part}&view=${part}`,
      ];
      let shown = 0;
      // Here, where every page is come by, React's own checks are on: what they find fails a visit.
      await using checked = await serve(k, {
        homePage: false,
        plugins: [dashboardRoute(await builtDashboard('development'))],
        recognition: dashboard.figures,
      });
      await bySeveral(dashboard, paths, async (visit, path) => {
        const { page, quiet } = visit;
        visit.allowOrigin(checked.url);
        await page.goto(`${checked.url}/ui/${path}`);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await quiet();
        await page.locator('[aria-label^="Loading"]').first().waitFor({ state: 'detached' });
        const made = 'img[src="x"], iframe, svg[onload], script:not([src]), a[href^="javascript"]';
        expect([path, await page.locator(made).count()]).toEqual([path, 0]);
        expect([path, await page.title()]).toEqual([path, expect.stringMatching(/ · kvflow$/)]);
        if (await page.getByText('onerror=', { exact: false }).count()) shown += 1;
      });
      // It is there to be seen, not left out.
      expect(shown).toBeGreaterThanOrEqual(12);
      expect(existsSync('/tmp/kvflow-was-run')).toBe(false);
    },
    180_000,
  );
}
