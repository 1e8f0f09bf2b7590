import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
/** Rules whose answer depends on the colours. */
const OF_COLOURS = ['color-contrast', 'link-in-text-block'];
let source: string | undefined;

interface Violation {
  id: string;
  impact: string;
  help: string;
  nodes: { html: string; failureSummary: string }[];
}

/** What a page is in, once it was looked at. */
const schemes = new WeakMap<Page, 'light' | 'dark'>();

/**
 * Runs axe on what is shown: no serious and no critical issue, in light and in dark. The scheme that the page is in comes first:
 * in another all of it is drawn anew.
 */
export async function expectAccessible(page: Page): Promise<void> {
  source ??= await readFile(AXE, 'utf8');
  const first = schemes.get(page) ?? 'light';
  const other = first === 'light' ? 'dark' : 'light';
  schemes.set(page, other);
  for (const colorScheme of [first, other] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // The page hears of it, and styles follow, a frame later.
    await page.evaluate(
      'new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))',
    );
    // Colours fade into each other for a moment, and would be judged half-way.
    await page.evaluate(
      // What goes round for ever, such as the cursor of an editor, never finishes.
      `Promise.allSettled(document.getAnimations()
        .filter(({ effect }) => Number.isFinite(effect.getComputedTiming().endTime))
        .map(({ finished }) => finished)).then(() => {})`,
    );
    // The tools of the browser run it; the page's own policy would refuse it. Once in a document is enough.
    if (!(await page.evaluate('"axe" in window'))) await page.evaluate(source);
    const options = JSON.stringify({
      resultTypes: ['violations'],
      // All else is the same in both schemes.
      ...(colorScheme === other && { runOnly: OF_COLOURS }),
    });
    const violations = await page.evaluate<Violation[]>(
      `axe.run(document, ${options}).then(({ violations }) => violations)`,
    );
    const bad = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    const told = bad.map(({ id, help, nodes }) => ({
      colorScheme,
      id,
      help,
      where: nodes.map(node => `${node.html}\n${node.failureSummary}`),
    }));
    expect(told).toEqual([]);
  }
}
