/** `kvflow start --workers N` against one process, on one nats-server and one Postgres, loaded by a process of its own. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makePlace } from '../tests/runtime/transports/cli/kvflow-process.ts';
import { startPostgres } from '../tests/support/warehouses/postgres.ts';
import { startLoad } from './http.ts';
import type { Figure } from './measure.ts';
import { compare } from './measure.ts';
import { stage } from './stage.ts';

const CONNECTIONS = 32;
const EVENTS = Array.from({ length: 100 }, (_, id) => ({ event_type: 'page', id, pad: 'p'.repeat(900) }));
const SCRIPT = 'return {...$, kind: $.event_type + 1}';

interface Work {
  name: string;
  /** One, or several that are sent in turn. */
  input: object | object[];
  requests: number;
  /** Of one request. */
  units: number;
  unit: string;
}

const PUT: Work = {
  name: 'kv-key-put',
  input: { bucket: 'bench', key: 'user.1', value: JSON.stringify({ name: 'Ada', visits: 17 }) },
  requests: 10_000,
  units: 1,
  unit: 'requests/s',
};
const TRANSFORM: Work = {
  name: 'transform',
  input: { script: SCRIPT, events: EVENTS },
  requests: 300,
  units: EVENTS.length,
  unit: 'events/s',
};

/** Each request has visitors of its own, a tenth of them known; sent again, its rows are written over. */
const IDENTIFY: Work = {
  name: 'identify',
  input: Array.from({ length: 50 }, (_, request) => ({
    destination: 'bench',
    events: EVENTS.map(({ event_type, id, pad }) => {
      const visitor = `${request}-${id}`;
      const user = { anonymous_id: visitor, ...(id % 10 === 0 && { id: visitor }) };
      return { event_id: visitor, event_type, user, pad };
    }),
  })),
  requests: 100,
  units: EVENTS.length,
  unit: 'events/s',
};

/** kv-key-put over HTTP, two workers against one. */
export const httpPut2 = () => scaleOut(PUT, 2);
/** kv-key-put over HTTP, four workers against one. */
export const httpPut4 = () => scaleOut(PUT, 4);
/** 100 events of 1 KB a request, two workers against one. */
export const transform2 = () => scaleOut(TRANSFORM, 2);
/** The same with four. */
export const transform4 = () => scaleOut(TRANSFORM, 4);
/** 100 events of known and unknown visitors a request, two workers against one, rows in memory. */
export const identify2 = () => scaleOut(IDENTIFY, 2);
/** The same with four. */
export const identify4 = () => scaleOut(IDENTIFY, 4);

async function scaleOut({ name, input, requests, units, unit }: Work, workers: number): Promise<Figure> {
  await using s = await stage();
  await s.bucket('bench');
  await using load = await startLoad();
  await using place = await makePlace();
  await using warehouse = await startPostgres();
  const config = join(place.path, 'bench.yaml');
  await writeFile(config, configOf(await warehouse.database('bench')));
  const start = async (count: number) => {
    const env = {
      NATS_URL: s.server.url,
      KVFLOW_FLOWS: 'off',
      KVFLOW_NATS_SERVICE: 'off',
      KVFLOW_CONFIG: config,
    };
    const args = ['--workers', String(count), '--log-level', 'error', '--data-dir', `data-${count}`];
    const { url } = await place.start({ env, args });
    return `${url}/functions/${name}/invocations`;
  };
  const [one, several] = [await start(1), await start(workers)];
  const body = [input].flat().map(each => JSON.stringify(each));
  const send = (url: string) => load.send({ url, body, requests, connections: CONNECTIONS });
  const ours = () => send(several);
  return await compare(unit, requests * units, ours, () => send(one), 3);
}

function configOf(url: string): string {
  const destination = { type: 'postgres', url, table: 'events', primary_key_fields: ['event_id'] };
  return JSON.stringify({ destinations: { bench: destination } });
}
