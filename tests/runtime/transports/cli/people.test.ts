/** What the command line does for people: login, edit, dev, colours. */

import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { openInBrowser } from '../../../../runtime/transports/cli/browser.ts';
import { painter } from '../../../../runtime/transports/cli/paint.ts';
import { closedAccess as closed, TEST_KEY as KEY } from '../../../support/closed-access.ts';
import { eventually } from '../../../support/eventually.ts';
import { forAll } from '../../../support/for-all.ts';
import { startKvflow } from '../../../support/kvflow.ts';
import { serve } from '../../../support/served.ts';
import { tempDir } from '../../../support/temp-dir.ts';
import { runner } from './in-process.ts';
import { makePlace } from './kvflow-process.ts';

const kvflow = forAll(startKvflow);
const served = forAll(() => serve(kvflow, { access: closed }));
const folder = forAll(tempDir);

beforeAll(async () => {
  await kvflow.call('kv-bucket-create', { bucket: 'b', key_ttl: true, history: 5 });
});

/** An executable script, such as an editor is. */
async function program(name: string, body: string): Promise<string> {
  const path = join(folder.path, name);
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
  return path;
}

test('login - a user without a home has no profiles: commands run, and login says what to do', async () => {
  await using place = await makePlace();
  const homeless = `import os from 'node:os';
import { syncBuiltinESMExports } from 'node:module';
os.homedir = () => { throw new Error('ENOENT'); };
syncBuiltinESMExports();`;
  const file = join(place.path, 'homeless.mjs');
  await writeFile(file, homeless);
  const unset = { HOME: '', XDG_CONFIG_HOME: '', XDG_CACHE_HOME: '', NODE_COMPILE_CACHE: '' };
  const env = { ...unset, NODE_OPTIONS: `--import ${file}` };
  const run = (...args: string[]) => place.run(args, { env, stdin: `${KEY}\n` });
  expect(await run('put', 'b/homeless', 'x', '--url', served.url, '--key', KEY)).toMatchObject({ code: 0 });
  expect(await run('keys', 'list')).toMatchObject({ code: 0 });
  expect(await run('login', served.url)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('set HOME or XDG_CONFIG_HOME'),
  });
});

test('login - a server that asks for a key says how a command is given one', async () => {
  const run = runner({ XDG_CONFIG_HOME: folder.path });
  for (const command of [
    ['ls', 'b'],
    ['backup', 'b', join(folder.path, 'b.kvbackup')],
  ])
    expect(await run([...command, '--url', served.url])).toMatchObject({
      code: 1,
      told: expect.stringMatching(/KVFLOW_API_KEY.*--key.*kvflow login/),
    });
});

test('login - a server and its key are remembered for this user alone, used, and forgotten', async () => {
  const run = runner({ XDG_CONFIG_HOME: folder.path });
  expect(await run(['login', served.url], 'wrong')).toMatchObject({
    code: 1,
    told: 'kvflow: Who are you?',
  });
  const login = await run(['login', served.url], `${KEY}\n`);
  expect(login).toMatchObject({ code: 0, text: expect.stringContaining('Logged in') });
  expect(login.text + login.told).not.toContain(KEY);
  const file = join(folder.path, 'kvflow/profiles.json');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await run(['put', 'b/login', 'x'])).toMatchObject({ code: 0 });
  expect(await run(['get', 'b/login', '--profile', 'other'])).toMatchObject({
    code: 2,
    told: expect.stringContaining('kvflow login --profile other'),
  });
  await run(['login', served.url, '--profile', 'other'], KEY);
  expect(await run(['logout'])).toMatchObject({ text: 'Logged out.\n' });
  expect(await run(['get', 'b/login', '--profile', 'other'])).toMatchObject({ text: 'x' });
  expect(JSON.parse(await readFile(file, 'utf8')).profiles).toEqual({ other: { url: served.url, key: KEY } });
  // Whoever says where data is means it.
  const elsewhere = runner({
    XDG_CONFIG_HOME: folder.path,
    KVFLOW_PROFILE: 'other',
    KVFLOW_URL: 'http://127.0.0.1:9',
  });
  expect((await elsewhere(['get', 'b/login'])).code).toBe(1);
});

test('edit - stores what the editor saved, keeps the rest of the item, and harms no other write', async () => {
  const line = (EDITOR: string) => runner({ KVFLOW_URL: served.url, KVFLOW_API_KEY: KEY, EDITOR });
  const append = line(await program('append', 'printf " two" >> "$1"'));
  const ttl = 3_600_000_000_000;
  await kvflow.call('kv-key-put', { bucket: 'b', key: 'e', value: 'one', ttl, content_type: 'text/plain' });
  expect(await append(['edit', 'b/e'])).toMatchObject({ code: 0 });
  const item = await kvflow.call('kv-key-get', { bucket: 'b', key: 'e' });
  expect(item).toMatchObject({
    value: 'one two',
    content_type: 'text/plain',
    expires_at: expect.any(String),
  });
  expect(await append(['edit', 'b/new.key'])).toMatchObject({ code: 0 });
  expect(await kvflow.call('kv-key-get', { bucket: 'b', key: 'new.key' })).toMatchObject({ value: ' two' });
  expect(await line('true')(['edit', 'b/e'])).toMatchObject({
    code: 0,
    told: expect.stringContaining('nothing was changed'),
  });
  expect(await line('false')(['edit', 'b/e'])).toMatchObject({
    code: 2,
    told: expect.stringContaining('EDITOR'),
  });
  const put = `curl -s -X POST ${served.url}/functions/kv-key-put/invocations -H content-type:application/json`;
  const meanwhile = `${put} -H "authorization: Bearer ${KEY}" -d '{"bucket":"b","key":"e","value":"theirs"}' >/dev/null`;
  const late = await line(await program('late', `printf mine > "$1"\n${meanwhile}`))(['edit', 'b/e']);
  expect(late.code).toBe(4);
  const [, kept = ''] = /what you wrote is in (\S+)/.exec(late.told) ?? [];
  expect(await readFile(kept, 'utf8')).toBe('mine');
  expect(await kvflow.call('kv-key-get', { bucket: 'b', key: 'e' })).toMatchObject({ value: 'theirs' });
  await rm(join(kept, '..'), { recursive: true });
});

test('dev - starts the server and opens the dashboard in the browser that is named, and says the address where there is none', async () => {
  const seen = join(folder.path, 'opened');
  const BROWSER = await program('browser', `printf "%s" "$1" > ${seen}`);
  openInBrowser('http://127.0.0.1:1/ui/', { BROWSER }, () => undefined);
  await eventually(async () => expect(await readFile(seen, 'utf8')).toBe('http://127.0.0.1:1/ui/'));
  const missing = await new Promise(resolve => {
    openInBrowser('http://x', { BROWSER: join(folder.path, 'no-browser') }, () => resolve('none'));
  });
  expect(missing).toBe('none');
  await using place = await makePlace();
  const server = place.spawn(['dev', '--port', '0'], { env: { BROWSER } });
  const [, url = ''] = await server.printed(/URL +(\S+)\s/);
  await eventually(async () => expect(await readFile(seen, 'utf8')).toBe(`${url}/ui/`));
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  server.child.kill('SIGINT');
  expect((await server.ended).code).toBe(0);
});

test.each([
  [{ isTerminal: true, env: {} }, '\x1b[31mx\x1b[39m'],
  [{ isTerminal: true, env: { NO_COLOR: '1' } }, 'x'],
  [{ isTerminal: true, env: { NO_COLOR: '' } }, '\x1b[31mx\x1b[39m'],
  [{ isTerminal: true, env: { TERM: 'dumb' } }, 'x'],
  [{ isTerminal: false, env: {} }, 'x'],
])('colours - %j', (io, painted) => {
  expect(painter(io as never)('red', 'x')).toBe(painted);
});
