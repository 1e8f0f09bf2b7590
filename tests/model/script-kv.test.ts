/**
 * Generated events over few keys of a real NATS, run by several sandboxes on connections of their own, with workers killed
 * meanwhile. Each key holds the list of the events that appended to it, so that what was read says in which order events
 * stood: there must be one order of all that explains everything that was seen.
 */
import { expect, test } from '@jest/globals';
import { createScriptKv, ensureScriptBucket } from '../../runtime/core/script-kv.ts';
import { openNats } from '../../runtime/nats/open.ts';
import { openSandbox, runner } from '../runtime/sandbox/support.ts';
import { startNats } from '../support/nats.ts';

const HISTORIES = Number(process.env.KVFLOW_MODEL_RUNS ?? 3);
const TIMEOUT_MS = 30_000 + HISTORIES * 5_000;
const KEYS = ['a', 'b', 'c'];
const silent = { info: () => undefined, warn: () => undefined };
const SCRIPT = `const seen = {};
for (const [op, key] of $.ops) {
  if (op === 'wait') { await new Promise(done => setTimeout(done, 1)); continue }
  const list = (await $kv.get(key)) ?? [];
  seen[key] = [...list];
  if (op === 'append') await $kv.set(key, [...list, $.id]);
}
return { id: $.id, seen }`;

type Op = [op: 'read' | 'append' | 'wait', key: string];
interface Event {
  id: string;
  ops: Op[];
}
interface Seen {
  id: string;
  seen: Record<string, string[]>;
}

test(
  'transform $kv - events over several processes are as if one had run after the other',
  async () => {
    const seed = Number(process.env.KVFLOW_MODEL_SEED ?? Date.now() % 1e9);
    console.info(`script-kv: seed ${seed}, ${HISTORIES} histories`);
    const random = generator(seed);
    await using server = await startNats();
    const connections = [
      openNats({ servers: [server.url] }, silent),
      openNats({ servers: [server.url] }, silent),
    ];
    await using first = openSandbox({ maxPerNamespace: 2 });
    await using second = openSandbox({ maxPerNamespace: 2 });
    const sandboxes = [first, second];
    const [kv] = connections.map(one => one.kv);
    if (!kv) throw new Error('no connection');
    await ensureScriptBucket({ deadline: Date.now() + 10_000 }, kv, 'state');

    for (let round = 0; round < HISTORIES; round++) {
      const namespace = `n${round}`;
      const at = { deadline: Date.now() + 30_000 };
      const calls = Array.from({ length: 4 }, (_, call) => ({
        events: Array.from({ length: 15 }, (_, n): Event => ({ id: `${call}.${n}`, ops: someOps(random) })),
        stopOnError: random() < 0.5,
        port: connections[call % 2]?.kv ?? kv,
        sandbox: sandboxes[call % 2] ?? first,
      }));
      const running = calls.map(({ events, stopOnError, port, sandbox }) => {
        const store = createScriptKv(at, { kv: port, bucket: 'state', namespace });
        return runner(sandbox)(SCRIPT, events, {
          kv: store,
          namespace,
          stopOnError,
          timeoutMs: 10_000,
          ...at,
        });
      });
      if (random() < 0.3) for (const { pid } of first.workers()) process.kill(pid, 'SIGKILL');
      const results = (await Promise.all(running)).flatMap(result => result.results);
      expect(results.map(({ error }) => error)).toEqual(results.map(() => undefined));
      const store = createScriptKv(at, { kv, bucket: 'state', namespace });
      const last = new Map<string, string[]>();
      for (const key of KEYS) last.set(key, JSON.parse((await store.get(key))?.json ?? '[]') as string[]);
      const seen = results.map(({ events: [event] }) => event as unknown as Seen);
      const appended = calls
        .flatMap(({ events }) => events)
        .flatMap(({ ops }) => ops.filter(([op]) => op === 'append'));
      expect([...last.values()].flat()).toHaveLength(appended.length);
      expect(cycleIn(precedence(seen, last))).toBeUndefined();
    }
    for (const one of connections) await one.close();
  },
  TIMEOUT_MS,
);

/** Each key at most once in an event; now and then more than it needs to wait for. */
function someOps(random: () => number): Op[] {
  const keys = [...KEYS].sort(() => random() - 0.5).slice(0, 1 + Math.floor(random() * KEYS.length));
  return keys.flatMap((key): Op[] => {
    const op: Op = [random() < 0.6 ? 'append' : 'read', key];
    return random() < 0.2 ? [['wait', ''], op] : [op];
  });
}

/** Who has to come before whom. */
function precedence(all: Seen[], last: Map<string, string[]>): Map<string, Set<string>> {
  const before = new Map(all.map(({ id }) => [id, new Set<string>()]));
  for (const { id, seen } of all) {
    for (const [key, list] of Object.entries(seen)) {
      const order = last.get(key) ?? [];
      expect(list).toEqual(order.slice(0, list.length));
      const writer = list.at(-1);
      if (writer !== undefined) before.get(writer)?.add(id);
      const next = order[list.length];
      if (next !== undefined && next !== id) before.get(id)?.add(next);
    }
  }
  return before;
}

function cycleIn(before: Map<string, Set<string>>): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (id: string): string[] | undefined => {
    if (path.includes(id)) return [...path.slice(path.indexOf(id)), id];
    if (done.has(id)) return undefined;
    path.push(id);
    for (const next of before.get(id) ?? []) {
      const cycle = visit(next);
      if (cycle) return cycle;
    }
    path.pop();
    done.add(id);
    return undefined;
  };
  for (const id of before.keys()) {
    const cycle = visit(id);
    if (cycle) return cycle;
  }
  return undefined;
}

/** Mulberry32: the same numbers for the same seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
