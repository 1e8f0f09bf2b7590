/** Several kvflows of one NATS have an embedded warehouse each, all under one name: what is begun for one is finished in that one. */
import { expect, test } from '@jest/globals';
import { createStats } from '../../../runtime/core/recognition-stats.ts';
import { createRecognition } from '../../../runtime/recognition/create.ts';
import { RECOGNITION_DEFAULTS } from '../../../runtime/recognition/settings.ts';
import { homeOf } from '../../../runtime/warehouses/home.ts';
import { startKvflow } from '../../support/kvflow.ts';
import { soon } from '../../support/soon.ts';
import { memoryDestination, memoryDestinations, warehouseAway } from '../../support/warehouses/memory.ts';
import { makePlace } from '../transports/cli/kvflow-process.ts';

test('reconcile - what waits for the embedded warehouse of one kvflow is left to it by the others', async () => {
  await using k = await startKvflow();
  const { kv } = k.nats;
  const join = (home: string) => {
    const memory = Object.assign(memoryDestination(), { home });
    const destinations = memoryDestinations(memory);
    const defaults = { ...RECOGNITION_DEFAULTS, reconcileAfterMs: 0 };
    const recognition = createRecognition({ kv, destinations, defaults, stats: createStats() });
    const identify = async (event_id: string, user: object) =>
      await recognition.identify(soon(), { destination: 'memory', event: { event_id, user } });
    return { memory, recognition, identify };
  };
  const [one, other] = [join('one'), join('other')];
  await one.identify('0', { anonymous_id: 'v' });
  one.memory.fault = warehouseAway();
  expect(await one.identify('1', { anonymous_id: 'v', id: 'u' })).toMatchObject({ pending: { events: 1 } });
  one.memory.fault = undefined;
  expect(await other.recognition.reconcile(soon())).toEqual({ finished: 0, left: 1 });
  expect(other.memory.rows('events').size).toBe(0);
  expect(await one.recognition.reconcile(soon())).toEqual({ finished: 1, left: 0 });
  expect([...one.memory.rows('events').values()].map(row => row.user_id)).toEqual(['u', 'u']);
});

test('homeOf - a warehouse keeps its id, and another one has another', async () => {
  await using place = await makePlace();
  await using more = await makePlace();
  const { dataDir } = place;
  const [home = '', again, another] = [
    await homeOf({ dataDir }),
    await homeOf({ dataDir }),
    await homeOf({ dataDir: more.dataDir }),
  ];
  expect(home.length).toBe(36);
  expect(again).toBe(home);
  expect(another).not.toBe(home);
  expect(await homeOf({ dataDir, file: `${dataDir}/no-folder\0/x.db` })).toBeUndefined();
});
