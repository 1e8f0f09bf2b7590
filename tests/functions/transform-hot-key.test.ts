import { expect, test } from '@jest/globals';
import { makePlace } from '../runtime/transports/cli/kvflow-process.ts';
import { startNats } from '../support/nats.ts';
import { postJson } from '../support/post-json.ts';

const SCRIPT = `
const hot = (await $kv.get('hot')) ?? { n: 0 }
hot.n++
await $kv.set('hot', hot, { ttlMs: 60000 })
return { n: hot.n }`;

/** Counts in one process: the numbers it saw. Any event that fails fails the call. */
async function count(url: string, events: number): Promise<number[]> {
  const answer = await postJson(`${url}/functions/transform/invocations`, {
    script: SCRIPT,
    events: Array(events).fill({}),
    timeout_ms: 20_000,
  });
  const { data, error } = (await answer.json()) as { data: { events: { n: number }[] }; error?: unknown };
  expect({ status: answer.status, error }).toEqual({ status: 200 });
  return data.events.map(({ n }) => n);
}

test('transform - of two processes at one hot key neither shuts out the other, and every event counts once', async () => {
  await using server = await startNats();
  await using place = await makePlace();
  const env = { NATS_URL: server.url };
  const [busy, small] = await Promise.all([place.start({ env }), place.start({ env })]);
  let smallDone = false;
  const seen: number[] = [];
  // As long as the other has not got through, one after the other, this one does not leave the key for a moment.
  const hammer = async (): Promise<number> => {
    let calls = 0;
    for (; !smallDone; calls++) seen.push(...(await count(busy.url, 100)));
    return calls;
  };
  const hammering = [hammer(), hammer(), hammer()];
  for (let i = 0; i < 30; i++) seen.push(...(await count(small.url, 1)));
  smallDone = true;
  const calls = await Promise.all(hammering);
  expect(Math.min(...calls)).toBeGreaterThan(0);
  expect(seen.sort((a, b) => a - b)).toEqual(seen.map((_, i) => i + 1));
});

test('transform - both of two processes that hammer one key get through', async () => {
  await using server = await startNats();
  await using place = await makePlace();
  const env = { NATS_URL: server.url };
  const both = await Promise.all([place.start({ env }), place.start({ env })]);
  const calls = Array.from({ length: 20 }, (_, i) => count(both[i % 2]?.url ?? '', 50));
  const seen = (await Promise.all(calls)).flat();
  expect(seen.sort((a, b) => a - b)).toEqual(seen.map((_, i) => i + 1));
  expect(seen).toHaveLength(1_000);
});
