/** What is read while a server of a cluster is not heard, which may have led before and come back. */
import { expect, test } from '@jest/globals';
import { createJsApi } from '../../../runtime/nats/js-api.ts';
import { createNatsKv } from '../../../runtime/nats/kv/store.ts';
import type { Requests } from '../../../runtime/nats/requests.ts';
import { eventually } from '../../support/eventually.ts';
import { joinNats } from '../../support/kvflow.ts';
import { PATIENCE } from '../../support/patience.ts';
import { soon } from '../../support/soon.ts';
import { startCluster } from '../../support/topologies.ts';

const bucket = 'b';
const stream = `KV_${bucket}`;
test('get - while some server is not heard, what a former leader answers before the present one is not taken', async () => {
  await using cluster = await startCluster(3);
  await using k = joinNats({ servers: cluster.urls });
  const { requests, connection } = k.nats;
  // As a former leader that comes back would, once it is told to.
  let isFormer = false;
  const ask: Requests['ask'] = (call, subject, payload, options) => {
    const isLast = subject.endsWith(`STREAM.MSG.GET.${stream}`) && String(payload).includes('last_by_subj');
    return requests.ask(call, subject, isFormer && isLast ? '{"seq":1}' : payload, options);
  };
  const hooked = { ...requests, ask };
  const kv = createNatsKv({ requests: hooked, api: createJsApi(hooked), connecting: connection });
  const read = async (key: string) => {
    const found = await kv.get(soon(), { bucket, key });
    return found && 'value' in found ? Buffer.from(found.value).toString() : undefined;
  };
  await kv.createBucket(soon(), bucket, { history: 2, num_replicas: 3 });
  for (const value of ['old', 'new']) await kv.put(soon(), { bucket, key: 'a', value });
  expect(await read('a')).toBe('new');
  isFormer = true;
  // As soon as all servers are heard, which a busy machine may keep from being so for a moment.
  await eventually(async () => expect(await read('a')).toBe('old'));

  const { cluster: led } = await createJsApi(requests).streamInfo(soon(), stream);
  const here = k.nats.serverInfo()?.serverName;
  const away = cluster.servers.find((_, index) => ![led?.leader, here].includes(`east-${index + 1}`));
  away?.pause();
  await eventually(async () => expect(await read('a')).toBe('new'), { within: 20_000 * PATIENCE, every: 50 });
  await kv.put(soon(), { bucket, key: 'a', value: 'newer' });
  for (let reads = 0; reads < 20; reads++) expect(await read('a')).toBe('newer');
  isFormer = false;
  expect(await read('missing')).toBeUndefined();
  away?.resume();
}, 120_000);
