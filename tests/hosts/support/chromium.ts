import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';
import { findProgram } from '../../support/debian/program.ts';

/** The shell comes first: a page in it costs three fifths of the processor time of one in the whole browser, which draws its own windows. */
const NAMES = [
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
];
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Without a card the drawing is done here anyway; a process of its own for it costs a sixth of the time.
  '--in-process-gpu',
];

/** Path of a Chromium, installed where that is possible; undefined where there is none. Under CI that is a failure. */
export async function findChromium(): Promise<string | undefined> {
  return await findProgram({ names: NAMES, package: 'chromium-headless-shell', otherwise: 'chromium' });
}

/** Starts a headless browser. `more` are flags beside the usual ones. */
export async function launchChromium(executablePath: string, more: string[] = []): Promise<Browser> {
  return await chromium.launch({ executablePath, args: [...FLAGS, ...more] });
}
