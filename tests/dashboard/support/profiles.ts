import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright-core';

/** What a page remembers in, and shares with other pages of it: as a person's own browser. */
export interface Profile {
  readonly context: BrowserContext;
  /** Closes its pages and forgets what they stored under these addresses. */
  leave(origins: Iterable<string>): Promise<void>;
}

/** Takes profiles that hold nothing. */
export interface Profiles {
  take(options?: BrowserContextOptions): Promise<Profile>;
}

const WITHOUT = [
  // A program parsed while it comes is parsed again on each visit; one that is parsed when it is there is found again.
  'ScriptStreaming',
  'BackgroundResourceFetch',
  // Of what Playwright is without, what pages here could notice: only the last list that a browser is given counts.
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'HttpsUpgrades',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
];

/** Flags of a browser whose pages live for seconds. */
export const FOR_SHORT_VISITS = [
  // Pages that a profile has of one server share a process.
  '--process-per-site',
  // What is compiled so as to run for long takes more time than it saves, a seventh of a visit.
  '--js-flags=--no-maglev --no-turbofan',
  `--disable-features=${WITHOUT.join()}`,
];

/** What each profile has unless it is said otherwise. */
const USUAL: BrowserContextOptions = { viewport: { width: 1360, height: 860 }, reducedMotion: 'reduce' };

/**
 * Profiles of a browser. One with the usual options is used again once it was left, with nothing in it but the program of the
 * dashboard: a page that opens in it takes two thirds of the processor time of one that starts a process of its own, where the
 * program is compiled anew. `keep` is an address of the same server, of a file that does nothing: its page keeps the process.
 */
export function createProfiles(browser: Browser, keep: string): Profiles {
  const left: Profile[] = [];
  return { take };

  async function take(options?: BrowserContextOptions): Promise<Profile> {
    if (!options) return left.pop() ?? (await reusable());
    const context = await browser.newContext({ ...USUAL, ...options });
    return { context, leave: () => context.close() };
  }

  async function reusable(): Promise<Profile> {
    const context = await browser.newContext(USUAL);
    const keeper = await context.newPage();
    await keeper.goto(keep);
    const tools = await context.newCDPSession(keeper);
    const profile: Profile = {
      context,
      leave: async origins => {
        const pages = context.pages().filter(page => page !== keeper);
        await Promise.all(pages.map(page => page.close()));
        for (const origin of origins)
          await tools.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' });
        left.push(profile);
      },
    };
    return profile;
  }
}
