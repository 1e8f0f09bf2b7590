/**
 * Jobs of a queue, each done under the lock of its resource by workers of several processes that are killed at random. In
 * short here; the long form (`npm run test:long`) has 64 workers and 10,000 jobs.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { childPath } from '../support/children.ts';
import { eventually } from '../support/eventually.ts';
import type { JobLine, JobsWork } from '../support/jobs-child.ts';
import { startWithServer } from '../support/kvflow.ts';
import { soon } from '../support/soon.ts';

const LONG = process.env.KVFLOW_TEST_LONG === '1';
const JOBS = Number(process.env.KVFLOW_TEST_JOBS ?? (LONG ? 10_000 : 60));
const PROCESSES = LONG ? 4 : 2;
const WORKERS = LONG ? 16 : 4;
const RESOURCES = LONG ? 24 : 3;
/** Jobs between two kills. */
const KILL_EVERY = LONG ? 100 : 15;
const POLL_MS = 50;
const LEASE = LONG ? 4_000_000_000 : 1_000_000_000;
/** Between the clocks of an answer and of the process that writes it down. */
const SLACK_MS = 100;
const CHILD = childPath('jobs-child');
const bucket = 'work';

function startWorkers(work: JobsWork, lines: JobLine[]) {
  const child = spawn(process.execPath, ['--no-warnings', CHILD, JSON.stringify(work)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  createInterface({ input: child.stdout }).on('line', line => lines.push(JSON.parse(line) as JobLine));
  const exited = once(child, 'exit');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  return {
    kill,
    /** Nobody goes on after a test that failed. */
    [Symbol.asyncDispose]: kill,
    end: async () => {
      child.stdin.end();
      const [code] = await exited;
      expect(code).toBe(0);
    },
  };
}

test(
  'locks and queues - workers killed at random: one holder at a time, fences grow, each job is done, none twice',
  async () => {
    await using k = await startWithServer();
    await k.call('kv-bucket-create', { bucket, key_ttl: true });
    const jobs = Array.from({ length: JOBS }, (_, n) => ({ id: `j${n}`, value: `r${n % RESOURCES}` }));
    for (let at = 0; at < JOBS; at += 500) {
      const push = (job: object) => k.call('kv-queue-push', { bucket, queue: 'jobs', ...job });
      await Promise.all(jobs.slice(at, at + 500).map(push));
    }
    const lines: JobLine[] = [];
    await using all = new AsyncDisposableStack();
    const start = (name: string) => {
      const work = { servers: [k.server.url], bucket, workers: WORKERS, name, lease: LEASE };
      return all.use(startWorkers(work, lines));
    };
    const running = Array.from({ length: PROCESSES }, (_, n) => start(`p${n}`));
    const left = async () => {
      const info = await eventually(() => k.call('kv-queue-info', { bucket, queue: 'jobs' }));
      return (info as unknown as { length: number }).length;
    };
    const doneSoFar = () => lines.filter(({ what }) => what === 'done').length;
    for (let kills = 0, killedAt = 0; (await left()) > 0; await sleep(POLL_MS)) {
      // Who is killed too often gets nothing done.
      if (doneSoFar() < killedAt + KILL_EVERY) continue;
      killedAt = doneSoFar();
      const victim = kills++ % PROCESSES;
      await running[victim]?.kill();
      running[victim] = start(`k${kills}`);
    }
    await Promise.all(running.map(one => one.end()));
    expect(faultsOf(lines)).toEqual([]);
    const did = await k.nats.kv.keys(soon(), bucket, 'did.*');
    expect(did).toHaveLength(JOBS);
    const count = lines.filter(({ what }) => what === 'done').length;
    console.info(
      `${JOBS} jobs, ${lines.filter(({ what }) => what === 'taken').length} taken, ${count} told done`,
    );
  },
  LONG ? 3_600_000 : 90_000,
);

/** What the workers were told that cannot all be true. */
function faultsOf(lines: readonly JobLine[]): string[] {
  const faults: string[] = [];
  const doneOf = (id: string) => lines.filter(line => line.what === 'done' && line.id === id);
  const ids = new Set(lines.flatMap(line => (line.what === 'done' ? [line.id] : [])));
  for (const id of ids) if (doneOf(id).length > 1) faults.push(`job ${id} was done twice`);
  const freed = new Map(
    lines.flatMap(line => (line.what === 'freed' ? [[`${line.lock} ${line.fence}`, line.at]] : [])),
  );
  const holds = lines
    .filter(line => line.what === 'held')
    .map(({ lock, fence, at, ends }) => {
      const until = freed.get(`${lock} ${fence}`) ?? Number.POSITIVE_INFINITY;
      return { of: lock, order: fence, at, until: Math.min(ends, until) };
    });
  const done = new Map(
    lines.flatMap(line => (line.what === 'done' ? [[`${line.id} ${line.receipt}`, true]] : [])),
  );
  const leases = lines
    .filter(line => line.what === 'taken')
    .map(({ id, receipt, at, ends }) => ({
      of: id,
      order: receipt,
      at,
      until: done.has(`${id} ${receipt}`) ? Number.POSITIVE_INFINITY : ends,
    }));
  for (const all of [holds, leases]) faults.push(...overlaps(all));
  return faults;
}

interface Held {
  of: string;
  /** Grows from one to the next. */
  order: number;
  at: number;
  until: number;
}

function overlaps(all: readonly Held[]): string[] {
  const groups = Map.groupBy(all, ({ of }) => of);
  return [...groups].flatMap(([of, held]) => {
    const sorted = held.toSorted((a, b) => a.order - b.order);
    return sorted.flatMap((one, n) => {
      const before = sorted[n - 1];
      if (!before || one.at + SLACK_MS >= before.until) return [];
      return [`${of}: ${one.order} began at ${one.at}, before ${before.order} was over at ${before.until}`];
    });
  });
}
