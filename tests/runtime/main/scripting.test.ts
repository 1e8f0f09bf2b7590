import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Config } from '../../../runtime/config/config.ts';
import { createSecretBox } from '../../../runtime/core/secret-box.ts';
import { createScripting } from '../../../runtime/main/scripting.ts';
import type { Nats } from '../../../runtime/nats/open.ts';
import { forAll } from '../../support/for-all.ts';
import { writeMmdb } from '../../support/mmdb.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { configFolder } from '../config/config-folder.ts';

const platform = Object.getOwnPropertyDescriptor(process, 'platform');
afterEach(() => {
  if (platform) Object.defineProperty(process, 'platform', platform);
});

/** Scripts as the settings of a file say; the key-value store is of no interest. */
async function scriptingOf(yaml: string, workers = 1, env: Record<string, string> = {}) {
  await using folder = await configFolder({ 'kvflow.yaml': yaml });
  const config: Pick<Config, 'transform'> = await folder.read(env);
  const told: string[] = [];
  const log = { info: () => undefined, warn: (line: string) => void told.push(line) };
  const scripting = createScripting({ ...config, workers }, () => ({ kv: {} }) as unknown as Nats, { log });
  return { start: scripting.start, told, [Symbol.asyncDispose]: scripting.close };
}

const folder = forAll(tempDir);
let geoFile: string;
beforeAll(async () => {
  geoFile = join(folder.path, 'geo.mmdb');
  await writeFile(
    geoFile,
    writeMmdb({ '81.2.69.0/24': { country: { iso_code: 'GB', names: { en: 'UK' } } } }),
  );
});

const SCRIPT =
  'return { zone: Intl.DateTimeFormat().resolvedOptions().timeZone, hour: new Date(0).getHours() }';

test('settings - the time zone, the engine and the bounds of a file are those that scripts run with', async () => {
  await using s = await scriptingOf(
    `transform: { time_zone: Asia/Tokyo, engine: context, geo_file: ${geoFile}, limits: { cpu_ms_per_minute: 150 } }`,
  );
  const { runner } = await s.start();
  const { results } = await runner.run({ script: SCRIPT, events: [{}], namespace: 'a' });
  expect(results[0]?.events).toEqual([{ zone: 'Asia/Tokyo', hour: 9 }]);
  const where = 'export default (e, { geo }) => ({ code: geo.country.code })';
  const events = [{ ip: '81.2.69.1' }];
  expect((await runner.run({ script: where, events, namespace: 'b' })).results[0]?.events).toEqual([
    { code: 'GB' },
  ]);
  // Only this engine has no answer to it.
  expect(await runner.check("const a = await import('dayjs')\nreturn a")).toMatchObject({
    line: 1,
    message: expect.stringContaining('import()'),
  });
  const busy = 'let sum = 0; for (let i = 0; i < 4e8; i++) sum += i % 7; return { sum }';
  await runner.run({ script: busy, events: [{}], namespace: 'a', timeoutMs: 20_000 });
  await expect(runner.run({ script: SCRIPT, events: [{}], namespace: 'a' })).rejects.toMatchObject({
    code: 'RATE_LIMITED',
  });
});

test('settings - the bounds of a minute are shared out among the processes that run scripts', async () => {
  await using s = await scriptingOf('transform: { limits: { cpu_ms_per_minute: 150, kv_per_minute: 7 } }', 4);
  const { runner } = await s.start();
  const busy = 'let sum = 0; for (let i = 0; i < 1e8; i++) sum += i % 7; return { sum }';
  await runner.run({ script: busy, events: [{}], namespace: 'a', timeoutMs: 20_000 });
  await expect(runner.run({ script: busy, events: [{}], namespace: 'a' })).rejects.toMatchObject({
    code: 'RATE_LIMITED',
    message: expect.stringContaining('(38 ms a minute)'),
  });
});

test.each([
  ['all', { code: 'UNSUPPORTED', message: expect.stringMatching(/TRANSFORM_REQUIRE_LAYERS.*prlimit/) }],
  ['best', undefined],
])(
  'settings - require_layers %s decides what becomes of scripts where tools are missing',
  async (word, refusal) => {
    // As on a system that has none of the tools.
    Object.defineProperty(process, 'platform', { value: 'darwin' });
    await using s = await scriptingOf(`transform: { require_layers: ${word} }`);
    const { runner } = await s.start();
    expect(s.told).toEqual([expect.stringMatching(/missing prlimit.*and setpriv/)]);
    const call = runner.run({ script: 'return { ok: 1 }', events: [{}], namespace: 'a' });
    if (refusal) await expect(call).rejects.toMatchObject(refusal);
    else expect((await call).results[0]?.events).toEqual([{ ok: 1 }]);
  },
);

test('settings - TRANSFORM_SECRETS_KEY is the key that secrets are encrypted with; without it there are none', async () => {
  await using s = await scriptingOf('', 1, { TRANSFORM_SECRETS_KEY: 'a1'.repeat(32) });
  const { secrets } = await s.start();
  expect(createSecretBox('a1'.repeat(32)).open('name', secrets?.seal('name', 'value') ?? '')).toBe('value');
  await using without = await scriptingOf('');
  expect((await without.start()).secrets).toBeUndefined();
});
