/**
 * This build against another one, both as `kvflow start` on a nats-server of its own, in turn: `npm run bench:builds -- PATH`, where
 * PATH is a checkout of the other with its packages installed. A second process of the other build says how much two runs of the
 * same differ. Names of works after the path run those alone; `--rounds 20`.
 *
 * Two figures each: how much is done in a second, and how much in a second of the processor, which other programs that run meanwhile
 * change less.
 */
import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { connect } from '@nats-io/transport-node';
import { functionSubject } from '../runtime/nats/service/subjects.ts';
import { makePlace } from '../tests/runtime/transports/cli/kvflow-process.ts';
import { startNats } from '../tests/support/nats.ts';
import { startLoad } from './http.ts';
import { median, pipelined, time } from './measure.ts';

const ENTRY = 'runtime/transports/cli/main.ts';
const VALUE = JSON.stringify({ name: 'Ada', plan: 'pro', visits: 17 });
const PUT = { bucket: 'bench', key: 'user.1', value: VALUE };
const TICKS_PER_SECOND = 100;

/** One kvflow under load. */
interface Side {
  readonly url: string;
  readonly nc: NatsConnection;
  readonly pid: number;
  /** Runs in a process that has this build's functions and no server. */
  readonly getter: ChildProcess;
}

/** What is measured, and whose processor time. */
interface Work {
  count: number;
  run(side: Side): Promise<unknown>;
  pid(side: Side): number;
}

const server = ({ pid }: Side): number => pid;
const ITEMS = Array.from({ length: 100 }, (_, i) => ({
  function: 'kv-key-put',
  input: { ...PUT, key: `user.${i}` },
}));

const works: Record<string, Work> = {
  'http-put': {
    count: 10_000,
    run: ({ url }) =>
      post(`${url}/functions/kv-key-put/invocations`, PUT, { requests: 10_000, connections: 32 }),
    pid: server,
  },
  'http-batch': {
    count: 300 * ITEMS.length,
    run: ({ url }) => post(`${url}/invocations`, { items: ITEMS }, { requests: 300, connections: 8 }),
    pid: server,
  },
  'kv-get': {
    count: 20_000,
    run: async ({ getter }) => {
      getter.send(20_000);
      await once(getter, 'message');
    },
    pid: ({ getter }) => getter.pid ?? 0,
  },
  'nats-service': {
    count: 15_000,
    run: ({ nc }) => pipelined(15_000, 256, () => call(nc)),
    pid: server,
  },
};

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '10' } },
  allowPositionals: true,
});
const [path, ...names] = positionals;
if (path === undefined) throw new Error('Name a checkout of the build to compare with.');
const other = resolve(path);
const here = join(import.meta.dirname, '..');

await using stack = new AsyncDisposableStack();
const load = stack.use(await startLoad());
const sides = { old: await open(other), again: await open(other), new: await open(here) };
for (const name of Object.keys(works)) if (names.length === 0 || names.includes(name)) await measure(name);

async function measure(name: string): Promise<void> {
  const work = works[name];
  if (!work) return;
  for (const side of Object.values(sides)) await work.run(side);
  const rounds: Record<keyof typeof sides, { wall: number; cpu: number }>[] = [];
  const order = Object.keys(sides) as (keyof typeof sides)[];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const found = {} as (typeof rounds)[number];
    for (const key of order) found[key] = await one(work, sides[key]);
    rounds.push(found);
    order.push(order.shift() ?? 'old');
  }
  for (const kind of ['wall', 'cpu'] as const) {
    const ratios = rounds.map(round => round.new[kind] / ((round.old[kind] + round.again[kind]) / 2));
    const same = rounds.map(round => round.again[kind] / round.old[kind]);
    const per = kind === 'wall' ? 'a second' : 'a second of the processor';
    console.log(
      `${name.padEnd(13)} new ${Math.round(work.count * median(rounds.map(round => round.new[kind])))} ${per}, ` +
        `${median(ratios).toFixed(3)} of old; old against old ${median(same).toFixed(3)} ` +
        `(${Math.min(...same).toFixed(2)} to ${Math.max(...same).toFixed(2)})`,
    );
  }
}

async function one({ run, pid }: Work, side: Side): Promise<{ wall: number; cpu: number }> {
  const before = await cpuSeconds(pid(side));
  const ms = await time(() => run(side));
  const seconds = (await cpuSeconds(pid(side))) - before;
  return { wall: 1_000 / ms, cpu: 1 / seconds };
}

async function open(build: string): Promise<Side> {
  const nats = stack.use(await startNats());
  const place = stack.use(await makePlace());
  const env = { NATS_URL: nats.url, KVFLOW_FLOWS: 'off' };
  const args = ['--log-level', 'warn', '--data-dir', await mkdtemp(join(tmpdir(), 'kvflow-bench-'))];
  const { url, child } = await place.start({ main: join(build, ENTRY), env, args });
  const nc = await connect({ servers: nats.url });
  await new Kvm(nc).create('bench', { storage: 'memory' as never });
  stack.defer(() => nc.close());
  const getter = fork(join(import.meta.dirname, 'builds-getter.ts'), [build, nats.url]);
  stack.defer(() => void getter.disconnect());
  await once(getter, 'message');
  return { url, nc, pid: child.pid ?? 0, getter };
}

function post(url: string, input: unknown, how: { requests: number; connections: number }): Promise<void> {
  return load.send({ url, body: JSON.stringify(input), ...how });
}

async function call(nc: NatsConnection): Promise<void> {
  const answer = await nc.request(functionSubject('kv-key-put'), JSON.stringify(PUT), { timeout: 30_000 });
  const code = answer.headers?.get('Nats-Service-Error');
  if (code) throw new Error(code);
}

/** Seconds that a process had the processor. */
async function cpuSeconds(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
