import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import manifest from '../../../../manifest.json' with { type: 'json' };
import type { Manifest } from '../../../../runtime/core/manifest.ts';
import { runner, startBothWays } from './in-process.ts';

const { functions } = manifest as unknown as Manifest;

test('invoke - fields by flags are what the same JSON is, over HTTP and locally', async () => {
  await using it = await startBothWays();
  for (const [way, run] of it.ways) {
    const bucket = `flags-${way}`;
    const data = async (argv: string[]) => JSON.parse((await run(['invoke', ...argv])).text) as object;
    await data(['kv-bucket-create', '--bucket', bucket, '--history', '3', '--key-ttl', '--ttl', '7d']);
    const info = await data(['kv-bucket-info', '--bucket', bucket]);
    expect(info).toMatchObject({ history: 3, key_ttl: true, ttl: 604_800_000_000_000 });
    await data(['kv-key-put', '--bucket', bucket, '--key', 'k', '--value', '{"n": 9007199254740993}']);
    expect(await data(['kv-key-get', '--bucket', bucket, '--key', 'k'])).toMatchObject({
      value: '{"n": 9007199254740993}',
    });
    const timed = ['kv-key-put', '--bucket', bucket, '--key', 't', '--value', 'x', '--ttl', '30m'];
    const { expires_at } = (await data(timed)) as { expires_at: string };
    expect(Math.round((Date.parse(expires_at) - Date.now()) / 60_000)).toBe(30);
    const many = await data(['kv-key-get-many', '--bucket', bucket, '--keys', 'k', '--keys', 't']);
    expect(many).toMatchObject({ items: [{ key: 'k' }, { key: 't' }] });
    expect(await data(['kv-key-get-many', '--bucket', bucket, '--keys', 'k'])).toMatchObject({ items: [{}] });
    const listed = await data(['kv-key-list', `{"bucket":"${bucket}"}`, '--no-include-values', '--limit=1']);
    expect(listed).toEqual(expect.objectContaining({ items: [expect.not.objectContaining({ value: 'x' })] }));
    const wrong = await run(['invoke', 'kv-key-list', '--bucket', bucket, '--limit', 'many']);
    expect(wrong).toMatchObject({ code: 2, told: expect.stringContaining('/limit') });
    const endless = await run(['invoke', 'kv-key-put', '--key', 't', '--value', 'x', '--ttl', '30x']);
    expect(endless).toMatchObject({ code: 2, told: expect.stringContaining('a time such as 30s, 30m') });
    const twice = await run([
      'invoke',
      'kv-key-get',
      `{"bucket":"${bucket}","key":"k"}`,
      '--key',
      'kvf_secret',
    ]);
    expect(twice).toMatchObject({ code: 2, told: expect.stringContaining('--api-key') });
    expect(twice.told).not.toContain('kvf_secret');
    const flagged = await run(['invoke', 'kv-kye-get', '--bucket', bucket]);
    expect(flagged).toMatchObject({ code: 3, told: expect.stringContaining('Did you mean kv-key-get?') });
    const far = await run(['invoke', 'kv-kye-get', '{}']);
    expect(far).toMatchObject({ code: 3, told: expect.stringContaining('Did you mean kv-key-get?') });
    expect(far.told).not.toContain('kv-bucket-diff');
    const item = { bucket, key: 'k', value: 'x' };
    const untimely = await run(['invoke', 'kv-key-put', JSON.stringify({ ...item, at: 'tomorrow' })]);
    expect(untimely).toMatchObject({ code: 2, told: expect.stringContaining('must be a time such as 20') });
    const nameless = await run(['get', `${bucket}/a b`]);
    expect(nameless).toMatchObject({ code: 2, told: expect.stringContaining('/key has characters') });
    const patternless = await run(['ls', `${bucket}/a*`]);
    expect(patternless).toMatchObject({
      code: 2,
      told: expect.stringContaining('/filter is no key pattern'),
    });
  }
});

test('a function in place of a command is told with the line that calls it', async () => {
  const ran = await runner({})(['kv-key-get', '{}']);
  expect(ran).toMatchObject({ code: 2, told: expect.stringContaining('kvflow invoke kv-key-get') });
});

test('completion - bash offers commands, functions and their fields', async () => {
  const { text } = await runner({})(['completion', 'bash']);
  const offered = (words: string[]): string[] =>
    execFileSync('bash', [
      '-c',
      `${text}\nCOMP_WORDS=(${words.map(word => `'${word}'`).join(' ')})\nCOMP_CWORD=${words.length - 1}\n_kvflow\nprintf '%s\\n' "\${COMPREPLY[@]}"`,
    ])
      .toString()
      .trimEnd()
      .split('\n');
  expect(offered(['kvflow', 'pu'])).toEqual(['put']);
  expect(offered(['kvflow', 'put', '--tt'])).toEqual(['--ttl']);
  expect(offered(['kvflow', 'invoke', 'kv-key-']).sort()).toEqual(
    functions
      .map(({ name }) => name)
      .filter(name => name.startsWith('kv-key-'))
      .sort(),
  );
  expect(offered(['kvflow', 'invoke', 'kv-key-put', '--exp'])).toEqual(['--expected-revision']);
});

test('completion - zsh and fish have every command and function; another shell is refused', async () => {
  const run = runner({});
  for (const shell of ['zsh', 'fish']) {
    const { text } = await run(['completion', shell]);
    for (const { name } of functions) expect(text).toContain(name);
    expect(text).toContain('watch');
  }
  expect(await run(['completion', 'csh'])).toMatchObject({ code: 2, text: '' });
});
