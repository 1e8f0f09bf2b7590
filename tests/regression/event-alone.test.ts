import { expect, test } from '@jest/globals';
import { memoryStore, openSandbox, runner } from '../runtime/sandbox/support.ts';

/**
 * After their worker was killed, events run one at a time, to find out whose fault it was. Here the first waits with its write
 * for a key of another call, the second with its own for the first, and the third in the worker for a key of the second. Then
 * the first has to run again, since the other call takes a key that it has read: beside the third, or all three wait until their call ends.
 */
test('transform $kv - an event that is alone in its worker is joined by an earlier one that it waits for', async () => {
  await using sandbox = openSandbox({ maxWorkers: 2 });
  const run = runner(sandbox);
  const store = gatedStore();
  const deadline = Date.now() + 20_000;
  const earlier =
    "await $kv.get('w'); await $kv.get('gate'); await $kv.get('x'); await $kv.set('x', 7); return {}";
  const other = run(earlier, [{}], { kv: store.kv, namespace: 'other', deadline, timeoutMs: 20_000 });
  await store.asked('gate', 1);
  const script = `await $kv.get('start' + $.n)
    if ($.n === 0) { const x = await $kv.get('x'); await $kv.set('w', x) }
    else await $kv.set('k', ((await $kv.get('k')) ?? 0) + 1)
    return { n: $.n }`;
  const three = run(script, [{ n: 0 }, { n: 1 }, { n: 2 }], {
    kv: store.kv,
    namespace: 'mine',
    deadline,
    timeoutMs: 20_000,
    // So each waits with its write until the one before it is stored.
    stopOnError: true,
  });
  for (const n of [0, 1, 2]) await store.asked(`start${n}`, 1);
  process.kill(sandbox.workers().find(({ namespace }) => namespace === 'mine')?.pid ?? 0, 'SIGKILL');
  for (const n of [0, 1, 2]) {
    await store.asked(`start${n}`, 2);
    store.open(`start${n}`);
  }
  store.open('gate');
  expect((await other).results[0]?.outcome).toBe('ok');
  const { results } = await three;
  expect(results.map(({ events, error }) => error ?? events[0])).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
  expect([store.read('w'), store.read('k')]).toEqual([7, 2]);
});

/** Reads of `gate` and of keys that begin with `start` are answered when they are opened. */
function gatedStore() {
  const store = memoryStore(0);
  const asked = new Map<string, number>();
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const heard = new Set<() => void>();
  const gateOf = (key: string) => {
    const gate = gates.get(key) ?? Promise.withResolvers<void>();
    gates.set(key, gate);
    return gate;
  };
  return {
    ...store,
    open: (key: string) => gateOf(key).resolve(),
    async asked(key: string, times: number): Promise<void> {
      while ((asked.get(key) ?? 0) < times) await new Promise<void>(go => heard.add(go));
    },
    kv: {
      ...store.kv,
      async get(key: string) {
        asked.set(key, (asked.get(key) ?? 0) + 1);
        for (const go of heard) go();
        heard.clear();
        if (/^(gate|start)/.test(key)) await gateOf(key).promise;
        return await store.kv.get(key);
      },
    },
  };
}
