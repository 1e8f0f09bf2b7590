import { afterAll, expect, test } from '@jest/globals';
import type { ScriptFetch } from '../../../runtime/core/scripts.ts';
import type { Example } from './examples/example.ts';
import { JITSU_NEXT } from './examples/jitsu-next.ts';
import { RUDDERSTACK } from './examples/rudderstack.ts';
import { memoryStore, openSandbox } from './support.ts';

const sandbox = openSandbox();
afterAll(() => sandbox.close());

const libraries = { 'lib:words@1': 'export const shout = word => word.toUpperCase() + "!"' };

async function runExample({ script, event, variables = {}, store = {}, fetched, secrets = {} }: Example) {
  const kept = memoryStore(0);
  for (const [key, value] of Object.entries(store)) kept.put(key, JSON.stringify(value));
  const fetch: ScriptFetch = async ({ url }) => ({
    status: 200,
    statusText: 'OK',
    headers: [['content-type', 'application/json']],
    url,
    redirected: false,
    body: JSON.stringify(fetched),
  });
  const { destinationId, destinationType, ...rest } = variables as Record<string, string>;
  return await sandbox.run({
    script,
    events: [event].flat(),
    namespace: 'examples',
    variables: rest,
    ...(destinationId !== undefined && { destinationId }),
    ...(destinationType !== undefined && { destinationType }),
    kv: kept.kv,
    secrets,
    libraries,
    batch: (await sandbox.kindOf(script))?.endsWith('batch') ?? false,
    ...(fetched !== undefined && { fetch }),
  });
}

test.each([
  ...JITSU_NEXT.map(example => ['Jitsu Next', example.what, example] as const),
  ...RUDDERSTACK.map(example => ['RudderStack', example.what, example] as const),
])('%s - %s', async (_product, _what, example) => {
  const { results, logs } = await runExample(example);
  const [failed] = results.filter(({ error }) => error);
  if (example.fails !== undefined) expect(failed?.error?.message).toContain(example.fails);
  else expect(failed).toBeUndefined();
  if (example.made) expect(results.flatMap(({ events }) => events)).toEqual(example.made);
  if (example.logs) expect(logs.map(({ message }) => message)).toEqual(example.logs);
});

test('documented examples - about a hundred of them, and what is different by decision', async () => {
  expect(JITSU_NEXT.length + RUDDERSTACK.length).toBeGreaterThanOrEqual(100);
  const outcome = async (script: string) => {
    const { results } = await sandbox.run({ script, events: [{}], namespace: 'examples' });
    return results[0]?.error?.message ?? results[0]?.events;
  };
  // There is no warehouse behind a script.
  expect(
    await outcome('export default async (event, { getWarehouse }) => ({ n: typeof getWarehouse })'),
  ).toEqual([{ n: 'undefined' }]);
  // A module runs anew for each event: what has to last is kept in the store.
  const counting = 'let n = 0\nexport default () => ({ n: ++n })';
  const { results } = await sandbox.run({ script: counting, events: [{}, {}], namespace: 'examples' });
  expect(results.map(({ events }) => events[0])).toEqual([{ n: 1 }, { n: 1 }]);
  // RudderStack's first form takes events where transform takes one event here.
  expect(await outcome('function transform(events) { return events.filter(e => e) }')).toContain('TypeError');
});
