import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';

/** Presses between looks at whether all was reached. */
const ROUND = 20;

/** As by a key that is held down: pages go on at each time that it comes. */
const TAB = { type: 'rawKeyDown', key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 } as const;

/**
 * Tab goes to all that can be clicked or typed into, through editors as through any field. Of what is moved through by the
 * arrow keys (a group of radios, tabs, a tree, the rows of a table) one is enough.
 */
export async function expectReachable(page: Page): Promise<void> {
  const wanted = await page.evaluate<number>(MARK);
  const tools = await page.context().newCDPSession(page);
  for (let pressed = 0; pressed < wanted * 2 + ROUND; pressed += ROUND) {
    // One after the other to the page, which need not draw each before the next comes.
    await Promise.all(Array.from({ length: ROUND }, () => tools.send('Input.dispatchKeyEvent', TAB)));
    if ((await page.evaluate<string[]>(LEFT)).length === 0) return;
  }
  expect(await page.evaluate<string[]>(LEFT)).toEqual([]);
}

/** Notes what is to be reached, and from then on what was. */
const MARK = `(() => {
  const GROUPS = '[role="tablist"],[role="radiogroup"],[role="tree"],[role="menu"],[role="listbox"],[role="grid"]';
  const groupOf = e => (e.type === 'radio' && e.name ? 'radio ' + e.name : e.closest(GROUPS)) ?? e;
  const targets = new Map();
  for (const e of document.querySelectorAll('a[href],button,input,select,textarea,[contenteditable="true"],summary')) {
    if (e.disabled || e.closest('[inert],[aria-hidden="true"]')) continue;
    if (!e.checkVisibility({ visibilityProperty: true, opacityProperty: false })) continue;
    const { width, height } = e.getBoundingClientRect();
    if (width > 0 && height > 0 && !targets.has(groupOf(e))) targets.set(groupOf(e), e);
  }
  window.kvflowLeft = targets;
  const reached = ({ target }) => targets.delete(groupOf(target));
  document.addEventListener('focusin', reached, true);
  document.activeElement?.blur();
  return targets.size;
})()`;

const LEFT = `[...window.kvflowLeft.values()].filter(e => e.isConnected).map(e => e.outerHTML.slice(0, 200))`;
