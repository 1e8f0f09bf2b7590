/** Runs in a process with a small heap, as bombs.test.ts starts it: calls whose results together are far larger than that. */
import { memoryStore, openSandbox, runner } from './support.ts';

const HEAP_MB = 512;
const sandbox = openSandbox({ maxWorkers: 4, maxPerNamespace: 2 });
const run = runner(sandbox);
const store = memoryStore();
/** Values are counted on to be small here; these are not kept. */
const kv = {
  ...store.kv,
  async commit(writes: Parameters<typeof store.kv.commit>[0]) {
    return await store.kv.commit(writes.map(write => ({ ...write, json: null })));
  },
};

const BOMBS: [script: string, count: number][] = [
  ['return { a: new Array(250000).fill(0).map(() => ({})) }', 300],
  ["return { a: 'x'.repeat(1e6) }", 1000],
  ["return new Array(1000).fill({ a: 'x'.repeat(1000) })", 1000],
  ["await $kv.set('k' + $.n, 'x'.repeat(1e6)); return {}", 100],
  ["for (const k of 'abcd') await $kv.set(k + $.n, 'x'.repeat(1e6)); return { a: [[[[[]]]]] }", 30],
];
const told = await Promise.all(
  BOMBS.map(async ([script, count], at) => {
    const events = Array.from({ length: count }, (_, n) => ({ n }));
    const { results } = await run(script, events, { kv, namespace: `bomb-${at}`, timeoutMs: 20_000 });
    return [...new Set(results.map(({ error }) => error?.limit ?? error?.code ?? 'ok'))];
  }),
);
const after = await run('return { ok: true }', [{}], { namespace: 'neighbour' });
await sandbox.close();
console.log(JSON.stringify({ told, after: after.results[0]?.events, heapMb: HEAP_MB }));
process.exit(0);
