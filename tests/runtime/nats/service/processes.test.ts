import { expect, test } from '@jest/globals';
import { eventually } from '../../../support/eventually.ts';
import { startNats } from '../../../support/nats.ts';
import { connectPatiently } from '../../../support/patient-nats.ts';
import type { Place } from '../../transports/cli/kvflow-process.ts';
import { makePlace } from '../../transports/cli/kvflow-process.ts';

/** Starts `kvflow start` as a process, with a data directory of its own, on a NATS that others use too. */
function startProcess(place: Place, name: string, url: string, env: Record<string, string> = {}) {
  return place.start({ env: { NATS_URL: url, KVFLOW_DATA_DIR: `${place.path}/${name}`, ...env } });
}

interface Ping {
  id: string;
}

interface Stats extends Ping {
  endpoints: { name: string; num_requests: number }[];
}

async function stage() {
  const server = await startNats();
  const place = await makePlace();
  const nc = await connectPatiently({ servers: server.url });
  const everyone = async <T>(verb: string): Promise<T[]> => {
    const answers: T[] = [];
    const options = { strategy: 'stall', maxWait: 2_000 } as never;
    for await (const msg of await nc.requestMany(`$SRV.${verb}.kvflow`, '', options))
      answers.push(msg.json<T>());
    return answers;
  };
  return {
    server,
    place,
    nc,
    everyone,
    start: (name: string, env?: Record<string, string>) => startProcess(place, name, server.url, env),
    [Symbol.asyncDispose]: async () => {
      await nc.close();
      await place[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

test('nats service - two processes share the load, and the end of one in the middle of it loses no more than its own calls', async () => {
  await using s = await stage();
  const [one] = await Promise.all([s.start('one'), s.start('two')]);
  await eventually(async () => expect(await s.everyone<Ping>('PING')).toHaveLength(2));
  await s.nc.request('kvflow.fn.kv-bucket-create', '{"bucket":"b","storage":"memory"}');
  const put = async (n: number, timeout = 2_000): Promise<number | undefined> => {
    const input = JSON.stringify({ bucket: 'b', key: `k${n}`, value: `${n}` });
    const answer = await s.nc.request('kvflow.fn.kv-key-put', input, { timeout }).catch(() => undefined);
    return answer?.json<{ status_code: number }>().status_code;
  };
  const first = await Promise.all(Array.from({ length: 200 }, (_, n) => put(n, 20_000)));
  expect(new Set(first)).toEqual(new Set([200]));
  const shares = await eventually(async () => {
    const both = (await s.everyone<Stats>('STATS')).map(putsOf);
    expect(both.reduce((sum, share) => sum + share)).toBe(200);
    return both;
  });
  expect(Math.min(...shares)).toBeGreaterThan(0);

  const during = Array.from({ length: 400 }, (_, n) => put(200 + n));
  one.child.kill('SIGKILL');
  const answers = await Promise.all(during);
  // Those that were on their way to it got no answer; none got a wrong one.
  expect(answers.filter(code => code !== 200 && code !== undefined)).toEqual([]);
  const after = await eventually(async () => {
    const codes = await Promise.all(Array.from({ length: 100 }, (_, n) => put(600 + n)));
    expect(new Set(codes)).toEqual(new Set([200]));
    return codes;
  });
  expect(after).toHaveLength(100);
  await eventually(async () => expect(await s.everyone<Ping>('PING')).toHaveLength(1));
});

test('nats service - kvflow stopped in the middle of a load answers what it took', async () => {
  await using s = await stage();
  const [one] = await Promise.all([s.start('one'), s.start('two')]);
  await s.nc.request('kvflow.fn.kv-bucket-create', '{"bucket":"b","storage":"memory"}');
  const puts = Array.from({ length: 300 }, async (_, n) => {
    const input = JSON.stringify({ bucket: 'b', key: `k${n}`, value: `${n}` });
    return (await s.nc.request('kvflow.fn.kv-key-put', input, { timeout: 10_000 })).json();
  });
  one.child.kill('SIGTERM');
  expect(
    (await Promise.all(puts)).every(answer => (answer as { status_code: number }).status_code === 200),
  ).toBe(true);
  expect(await one.ended).toMatchObject({ code: 0 });
  await eventually(async () => expect(await s.everyone<Ping>('PING')).toHaveLength(1));
});

test('nats service - KVFLOW_NATS_SERVICE=false leaves it out', async () => {
  await using s = await stage();
  await s.start('one', { KVFLOW_NATS_SERVICE: 'false' });
  await expect(s.nc.request('$SRV.PING.kvflow')).rejects.toThrow(/no responders/i);
});

test('nats service - kvflow invoke --via nats lets another process run the function', async () => {
  await using s = await stage();
  await s.start('one');
  const env = { NATS_URL: s.server.url };
  const created = await s.place.run(['invoke', 'kv-bucket-create', '{"bucket":"b"}', '--via', 'nats'], {
    env,
  });
  expect(created).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(created.stdout)).toMatchObject({ bucket: 'b', created: true });
  const [stats] = await eventually(async () => {
    const answers = await s.everyone<Stats>('STATS');
    expect(answers).toHaveLength(1);
    return answers;
  });
  const count = stats?.endpoints.find(({ name }) => name === 'kv-bucket-create')?.num_requests;
  expect(count).toBe(1);
});

test('nats service - kvflow invoke --via nats says when nobody serves, and what is no way', async () => {
  await using s = await stage();
  const env = { NATS_URL: s.server.url };
  const alone = await s.place.run(['invoke', 'kv-bucket-list', '--via', 'nats'], { env });
  expect(alone).toMatchObject({ code: 1, stdout: '' });
  expect(alone.stderr).toContain('UNAVAILABLE: No kvflow serves kvflow.fn.kv-bucket-list');
  const pigeon = await s.place.run(['invoke', 'kv-bucket-list', '--via', 'pigeon'], { env });
  expect(pigeon).toMatchObject({ code: 2, stderr: expect.stringContaining('must be nats') });
});

function putsOf({ endpoints }: Stats): number {
  return endpoints.find(({ name }) => name === 'kv-key-put')?.num_requests ?? 0;
}
