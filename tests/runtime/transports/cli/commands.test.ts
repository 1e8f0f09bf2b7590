import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import manifest from '../../../../manifest.json' with { type: 'json' };
import { shellWord } from '../../../../runtime/transports/cli/io.ts';
import { eventually } from '../../../support/eventually.ts';
import { makePlace, natsPid } from './kvflow-process.ts';

test('help - lists every command, and tells more of each', async () => {
  await using place = await makePlace();
  const { stdout, code } = await place.run(['help']);
  expect(code).toBe(0);
  for (const name of ['start', 'invoke', 'functions', 'mcp', 'keys', 'check']) {
    expect(stdout).toContain(`kvflow ${name}`);
    expect((await place.run([name, '--help'])).stdout).toBe((await place.run(['help', name])).stdout);
  }
  expect((await place.run([])).stdout).toBe(stdout);
});

test('--version - prints the version of the package', async () => {
  await using place = await makePlace();
  expect((await place.run(['--version'])).stdout).toBe(`${manifest.version}\n`);
});

test('an unknown command is refused with those there are', async () => {
  await using place = await makePlace();
  const ended = await place.run(['strat']);
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toContain(
    'There is no command "strat". Did you mean start? Commands: start, dev, login, logout, get, put, ls, rm,',
  );
});

test('functions - lists every function of the manifest with its first sentence', async () => {
  await using place = await makePlace();
  const { stdout } = await place.run(['functions']);
  for (const { name, description } of manifest.functions) {
    expect(stdout).toContain(name);
    expect(stdout).toContain(description.split(/(?<=\.)\s/, 1)[0] ?? '');
  }
  expect(stdout.trimEnd().split('\n')).toHaveLength(manifest.functions.length);
});

test('functions NAME - shows each parameter with its type and default, and an example that works when pasted', async () => {
  await using place = await makePlace();
  const { stdout } = await place.run(['functions', 'kv-bucket-create']);
  expect(stdout).toMatch(/^ {2}bucket +string +required +Name of the bucket/m);
  expect(stdout).toMatch(/^ {2}history +integer +default 1 +/m);
  expect(stdout).toMatch(/^ {2}storage +file\|memory +default "file" +/m);
  const example = /kvflow (invoke .*)/.exec(stdout)?.[1] ?? '';
  const { stdout: words } = await promisify(execFile)('sh', ['-c', `printf '%s\\n' ${example}`]);
  expect(await place.run(words.trimEnd().split('\n'))).toMatchObject({ code: 0 });
});

test('functions NAME - an unknown name has exit code 3', async () => {
  await using place = await makePlace();
  expect(await place.run(['functions', 'kv-nothing'])).toMatchObject({ code: 3, stdout: '' });
});

test('keys - a key is printed once, works on a running server, and no more once it is revoked', async () => {
  await using place = await makePlace();
  const server = await place.start();
  const add = [
    'keys',
    'add',
    'ci',
    '--functions',
    'kv-bucket-list',
    '--buckets',
    'a,b-*',
    '--rate',
    '100/s',
    '--expires',
    '30d',
  ];
  const limits = { subjects: 'changes.>', destinations: 'crm', tables: 'events_*', namespaces: 'shop,web' };
  const further = Object.entries(limits).flatMap(([name, list]) => [`--${name}`, list]);
  const added = await place.run([
    ...add,
    ...further,
    '--flows',
    '--read-only',
    '--origins',
    'https://a.example,https://b.example',
  ]);
  const key = added.stdout.trimEnd();
  expect(key).toMatch(/^\S{20,}$/);
  expect(await readFile(join(place.dataDir, 'api-keys.json'), 'utf8')).not.toContain(key);
  const { stdout: listed } = await place.run(['keys', 'list']);
  expect(listed).toMatch(/ ORIGINS +SUBJECTS +DESTINATIONS +TABLES +NAMESPACES +FLOWS$/m);
  expect(listed).toMatch(
    /^ci +kvf_.* kv-bucket-list +a,b-\* +read +100\/second +\d{4}-\S+ +https:\/\/a\.example,https:\/\/b\.example +changes\.> +crm +events_\* +shop,web +yes$/m,
  );
  expect(listed).not.toContain(key);
  await untilStatus(server.url, undefined, 401);
  expect(await call(server.url, key)).toBe(200);
  const rights = await fetch(`${server.url}/access`, { headers: { authorization: `Bearer ${key}` } });
  expect(await rights.json()).toMatchObject({
    name: 'ci',
    read_only: true,
    functions: ['kv-bucket-list'],
    buckets: ['a', 'b-*'],
    subjects: ['changes.>'],
    destinations: ['crm'],
    tables: ['events_*'],
    namespaces: ['shop', 'web'],
    flows: true,
  });
  expect(await place.run(['keys', 'revoke', 'ci'])).toMatchObject({ code: 0 });
  await untilStatus(server.url, key, 401);
  expect((await place.run(['keys', 'list'])).stdout).toBe('');
});

const BAD_KEYS: [args: string[], text: string][] = [
  [[], 'Usage: kvflow keys'],
  [['remove', 'x'], 'Usage: kvflow keys'],
  [['add'], 'kvflow keys add NAME'],
  [['add', 'a b'], 'A key name has'],
  [['add', 'a', '--rate', 'fast'], 'A rate limit is written as'],
  [['add', 'a', '--expires', 'soon'], 'must be a span such as 12h'],
  [['add', 'a', '--expires', '2001-01-01'], 'no time in the future'],
  [['revoke', 'a'], 'There is no key "a"'],
];

test.each(BAD_KEYS)('keys - refuses %j', async (args, text) => {
  await using place = await makePlace();
  const ended = await place.run(['keys', ...args]);
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toContain(text);
});

test('check - finds everything there, and leaves nothing running', async () => {
  await using place = await makePlace();
  const ended = await place.run(['check']);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  for (const what of [
    'configuration',
    'data directory',
    'NATS',
    'nats-server',
    'JetStream',
    'write and read',
  ]) {
    expect(ended.stdout).toMatch(new RegExp(`^ok +${what} `, 'm'));
  }
  expect(await natsPid(place.dataDir)).toBe(0);
});

test('check - works beside a running server', async () => {
  await using place = await makePlace();
  const server = await place.start();
  const ended = await place.run(['check']);
  expect(ended.code).toBe(0);
  expect(ended.stdout).toContain(`process ${server.child.pid}`);
  expect(ended.stdout).toMatch(/^ok +write and read /m);
  // Its probe leaves nothing behind.
  const { stdout } = await place.run(['invoke', 'kv-bucket-list']);
  expect(JSON.parse(stdout)).toMatchObject({ total: 0 });
});

test('check - says what is wrong with the configuration, the data directory and NATS', async () => {
  await using place = await makePlace();
  const config = await place.run(['check'], { env: { KVFLOW_PORT: 'x' } });
  expect(config.code).toBe(1);
  expect(config.stdout).toMatch(/^FAIL {2}configuration[\s\S]*KVFLOW_PORT is "x"/m);
  const nats = await place.run(['check'], { env: { NATS_SERVER_BIN: '/nowhere/nats-server' } });
  expect(nats.code).toBe(1);
  expect(nats.stdout).toMatch(/^FAIL {2}NATS +NATS_SERVER_BIN cannot be used/m);
  await mkdir(join(place.path, 'x'), { recursive: true });
  await writeFile(join(place.path, 'x/file'), '');
  const dir = await place.run(['check', '--data-dir', 'x/file']);
  expect(dir.stdout).toMatch(/^FAIL {2}data directory .*KVFLOW_DATA_DIR/m);
});

test.each([
  ['{"a":1}', 'linux', `'{"a":1}'`],
  ["it's", 'linux', `'it'\\''s'`],
  ['{"a":1}', 'win32', '"{\\"a\\":1}"'],
  ['plain-word.1', 'linux', 'plain-word.1'],
])('shellWord - %s on %s', (text, platform, word) => {
  expect(shellWord(text, platform)).toBe(word);
});

async function call(url: string, key: string | undefined): Promise<number> {
  const answer = await fetch(`${url}/functions/kv-bucket-list/invocations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
    body: '{}',
  });
  return answer.status;
}

/** A running server looks at its keys twice a second. */
async function untilStatus(url: string, key: string | undefined, status: number): Promise<void> {
  await eventually(async () => expect(await call(url, key)).toBe(status));
}
