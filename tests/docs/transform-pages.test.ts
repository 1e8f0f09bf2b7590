import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startKvflow } from '../support/kvflow.ts';

const FOLDER = new URL('../../docs/transform/', import.meta.url);
const pages = readdirSync(FOLDER).filter(name => name.startsWith('from-'));
/** A script, and behind it its tests, as transform-script-put takes them. */
const TESTED = /```(?:js|ts)\n([\s\S]*?)```\n\n```json\n([\s\S]*?)```/g;

let kvflow: Awaited<ReturnType<typeof startKvflow>>;
beforeAll(async () => {
  kvflow = await startKvflow();
});
afterAll(async () => await kvflow[Symbol.asyncDispose]());

test.each(pages)('docs/transform/%s - every script does what the page says', async page => {
  const found = [...readFileSync(new URL(page, FOLDER), 'utf8').matchAll(TESTED)];
  expect(found.length).toBeGreaterThan(0);
  for (const [, script, tests = ''] of found) {
    const answer = await kvflow.call('transform-test', { script, tests: JSON.parse(tests) });
    expect(answer).toMatchObject({ passed: true });
  }
});
