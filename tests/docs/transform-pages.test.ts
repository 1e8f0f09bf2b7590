import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { forAll } from '../support/for-all.ts';
import { startKvflow } from '../support/kvflow.ts';

const FOLDER = new URL('../../docs/transform/', import.meta.url);
const pages = readdirSync(FOLDER).filter(name => name.startsWith('from-'));
/** A script, and behind it its tests, as transform-script-put takes them. */
const TESTED = /```(?:js|ts)\n([\s\S]*?)```\n\n```json\n([\s\S]*?)```/g;

const kvflow = forAll(startKvflow);

test.each(pages)('docs/transform/%s - every script does what the page says', async page => {
  const found = [...readFileSync(new URL(page, FOLDER), 'utf8').matchAll(TESTED)];
  expect(found.length).toBeGreaterThan(0);
  for (const [, script, tests = ''] of found) {
    const answer = await kvflow.call('transform-test', { script, tests: JSON.parse(tests) });
    expect(answer).toMatchObject({ passed: true });
  }
});

test('docs/transform/README.md - the packages for scripts are named with their licences, as the packages have them', () => {
  const text = readFileSync(new URL('README.md', FOLDER), 'utf8');
  const [named = ''] = /Of npm there are[\s\S]*?MPL 2\.0/.exec(text) ?? [];
  expect(named).toMatch(/all under the MIT\s+licence/);
  const files = readFileSync(new URL('../../runtime/sandbox/host/packages.ts', import.meta.url), 'utf8');
  const [, list = ''] = /const PACKAGES[\s\S]*?= \{([\s\S]*?)\n\};/.exec(files) ?? [];
  const packages = new Set([...list.matchAll(/: '([^/']+)\//g)].map(([, name = '']) => name));
  expect([...packages].sort()).toEqual(['dayjs', 'lodash', 'tldts', 'ua-parser-js', 'uuid']);
  for (const name of packages) {
    const own = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
    expect([name, JSON.parse(readFileSync(own, 'utf8')).license]).toEqual([name, 'MIT']);
    expect(named).toContain(`\`${name}\``);
  }
});
