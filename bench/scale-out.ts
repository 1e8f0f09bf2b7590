/** `kvflow start --workers N` against one process, on one nats-server, loaded by a process of its own. */
import { makePlace } from '../tests/runtime/transports/cli/kvflow-process.ts';
import { startLoad } from './http.ts';
import type { Figure } from './measure.ts';
import { compare } from './measure.ts';
import { stage } from './stage.ts';

const CONNECTIONS = 32;
const EVENTS = Array.from({ length: 100 }, (_, id) => ({ event_type: 'page', id, pad: 'p'.repeat(900) }));
const SCRIPT = 'return {...$, kind: $.event_type + 1}';

interface Work {
  name: string;
  input: object;
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

/** kv-key-put over HTTP, two workers against one. */
export const httpPut2 = () => scaleOut(PUT, 2);
/** kv-key-put over HTTP, four workers against one. */
export const httpPut4 = () => scaleOut(PUT, 4);
/** 100 events of 1 KB a request, two workers against one. */
export const transform2 = () => scaleOut(TRANSFORM, 2);

async function scaleOut({ name, input, requests, units, unit }: Work, workers: number): Promise<Figure> {
  await using s = await stage();
  await s.bucket('bench');
  await using load = await startLoad();
  await using place = await makePlace();
  const start = async (count: number) => {
    const env = { NATS_URL: s.server.url, KVFLOW_FLOWS: 'off', KVFLOW_NATS_SERVICE: 'off' };
    const args = ['--workers', String(count), '--log-level', 'error', '--data-dir', `data-${count}`];
    const { url } = await place.start({ env, args });
    return `${url}/functions/${name}/invocations`;
  };
  const [one, several] = [await start(1), await start(workers)];
  const body = JSON.stringify(input);
  const send = (url: string) => load.send({ url, body, requests, connections: CONNECTIONS });
  const ours = () => send(several);
  return await compare(unit, requests * units, ours, () => send(one), 3);
}
