/** When a lease begins, goes on and ends, against an API that is stood in for; tests/faults/cut-off.test.ts has it on real servers. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Call } from '../../../runtime/core/call.ts';
import type { Alone, JsApi } from '../../../runtime/nats/js-api.ts';
import type { LedStream, Prove } from '../../../runtime/nats/kv/read/leader-lease.ts';
import { readUnderLease } from '../../../runtime/nats/kv/read/leader-lease.ts';
import { unavailable } from '../../../runtime/nats/request-errors.ts';
import type { StreamInfo } from '../../../runtime/nats/stream-types.ts';

const call: Call = { deadline: Date.now() + 60_000 };
const IDLE_MS = 10_000;
/** The server's clock. */
const NOW = Date.parse('2026-01-31T12:00:00Z');
const [LONG_MS, FOLLOWED_MS, SHORT_MS] = [600, 100, 20];

/** The clock that leases go by: it stands, but for what passes. */
let clock = 0;
beforeEach(() => {
  clock = 1_000;
  jest.spyOn(performance, 'now').mockImplementation(() => clock);
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** A stream of three servers, of which each answer says how long ago the leader heard the two others. */
function ledStream({ copies = 3 } = {}) {
  const world = {
    leader: 'a',
    connection: 1,
    silentMs: 1,
    /** How long the last of them, beside the silence of both. */
    lastSilentMs: 0,
    peers: 2,
    /** Since when the leader leads; undefined: it does not say. */
    ledMs: undefined as number | undefined,
    /** Who say that they lead, each time that it is listened; then the leader alone does. */
    leaders: [] as string[][],
    agree: async (): Promise<void> => undefined,
  };
  /** What was asked: `agree`, `info`, or for how many milliseconds it was listened. */
  const asked: (string | number)[] = [];
  const deadlines: number[] = [];
  /** After how many milliseconds it was over each time, where no more was heard. */
  const over: number[] = [];
  const say = (leader: string) => {
    const peer = (more: number) => ({ current: true, active: (world.silentMs + more) * 1_000_000 });
    const replicas = [peer(0), peer(world.lastSilentMs)].slice(0, world.peers);
    const leader_since = world.ledMs === undefined ? undefined : new Date(NOW - world.ledMs).toISOString();
    const cluster = { leader, leader_since, replicas };
    return {
      config: { num_replicas: copies },
      ts: new Date(NOW).toISOString(),
      cluster,
    } as never as StreamInfo;
  };
  const api = {
    connections: () => world.connection,
    connected: () => true,
    streamInfo: async () => {
      asked.push('info');
      return say(world.leader);
    },
    agree: async ({ deadline }: Call) => {
      asked.push('agree');
      deadlines.push(deadline);
      const since = clock;
      await world.agree();
      return clock - since;
    },
    leaders: async (_call: Call, _stream: string, withinMs: number, { isAlone, afterMs }: Alone) => {
      asked.push(Math.round(withinMs));
      const said = (world.leaders.shift() ?? [world.leader]).map(say);
      over.push(said.every(isAlone) ? Math.min(afterMs, withinMs) : withinMs);
      return said;
    },
  } as never as JsApi;
  const streamOf = (bucket: string): LedStream => ({
    api,
    bucket,
    stream: `KV_${bucket}`,
    config: { num_replicas: copies } as never,
  });
  const read = (by: Call = call, bucket = 'b') => readUnderLease(by, streamOf(bucket), async () => 'read');
  const readProven = (prove: Prove<string>) => readUnderLease(call, streamOf('b'), async () => 'read', prove);
  const readFor = (ms: number) => readUnderLease(call, streamOf('b'), async () => pass(ms));
  return { world, asked, deadlines, over, read, readProven, readFor };
}

function pass(ms: number): void {
  clock += ms;
}

test('lease - one copy has no lease, and a lease serves all reads while it lasts', async () => {
  const alone = ledStream({ copies: 1 });
  expect(await alone.read()).toBe('read');
  expect(alone.asked).toEqual([]);
  const { asked, read } = ledStream();
  await Promise.all([read(), read()]);
  await read();
  expect(asked).toEqual(['agree', 20]);
});

test('lease - is renewed by one question while reads go on', async () => {
  const { asked, read } = ledStream();
  await read();
  pass(2_000);
  await Promise.all([read(), read()]);
  await new Promise(setImmediate);
  expect(asked).toEqual(['agree', 20, 'info']);
  pass(2_000);
  await read();
  expect(asked).toEqual(['agree', 20, 'info', 'info']);
});

test('lease - after a pause without reads it begins again at once, as often as that happens', async () => {
  const { asked, read } = ledStream();
  await read();
  for (const _ of [1, 2]) {
    pass(IDLE_MS);
    await read();
  }
  expect(asked).toEqual(['agree', 20, 'agree', 20, 'agree', 20]);
});

test('lease - after a leader that did not hear the others it is listened longer, once', async () => {
  const { world, asked, read } = ledStream();
  await read();
  world.silentMs = 5_000;
  pass(2_000);
  await read(); // The lease holds still; what the leader says of the others ends it.
  await new Promise(setImmediate);
  world.silentMs = 1;
  await read();
  pass(IDLE_MS);
  await read();
  expect(asked).toEqual(['agree', 20, 'info', 'agree', LONG_MS, 'agree', 20]);
});

test('lease - while two say that they lead nothing is read', async () => {
  const { world, asked, read } = ledStream();
  world.leaders = [
    ['a', 'b'],
    ['b', 'a'],
  ];
  expect(await read()).toBe('read');
  expect(asked).toEqual(['agree', 20, 'agree', LONG_MS, 'agree', LONG_MS]);
  pass(IDLE_MS);
  world.leaders = Array(1_000).fill(['a', 'b']);
  await expect(read({ deadline: Date.now() + 200 })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('lease - servers that agree slowly are listened to longer, within bounds', async () => {
  const { world, asked, read } = ledStream();
  world.agree = async () => pass(60_000);
  await read();
  expect(asked).toEqual(['agree', 1_500]);
});

test('lease - that there was no leader for a while does not mean that the servers are slow', async () => {
  const { world, asked, read } = ledStream();
  // The first question is never answered.
  world.agree = () => {
    world.agree = async () => undefined;
    pass(5_000);
    return new Promise(() => undefined);
  };
  expect(await read()).toBe('read');
  expect(asked).toEqual(['agree', 'agree', 20]);
});

test('lease - the deadline of one call is no other call’s', async () => {
  const { world, asked, deadlines, read } = ledStream();
  const agreed = Promise.withResolvers<void>();
  world.agree = () => agreed.promise;
  const impatient = read({ deadline: Date.now() + 20 });
  const patient = read();
  await expect(impatient).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  agreed.resolve();
  expect(await patient).toBe('read');
  expect(asked).toEqual(['agree', expect.any(Number)]);
  expect(deadlines[0]).toBeGreaterThan(Date.now());
  expect(deadlines[0]).toBeLessThan(call.deadline);
});

test('lease - what was out of reach is asked again', async () => {
  const { world, asked, read } = ledStream();
  world.agree = async () => {
    world.agree = async () => undefined;
    throw unavailable();
  };
  expect(await read()).toBe('read');
  expect(asked).toEqual(['agree', 'agree', LONG_MS]);
});

test('lease - after what was out of reach it is listened no longer where all the others follow the leader, and else to the end', async () => {
  // A former leader that was cut off may be the one who does not, and come back as the value is read.
  const unheard = [LONG_MS, SHORT_MS];
  const HEARD: [change: Partial<ReturnType<typeof ledStream>['world']>, overMs: number[]][] = [
    [{}, [FOLLOWED_MS]],
    [{ lastSilentMs: 5_000 }, unheard],
    [{ peers: 1 }, unheard],
    // It was heard last while it led itself.
    [{ lastSilentMs: 1_000, ledMs: 900 }, unheard],
    [{ lastSilentMs: 1_000, ledMs: 1_100 }, [FOLLOWED_MS]],
  ];
  for (const [change, overMs] of HEARD) {
    const { world, over, read } = ledStream();
    world.agree = async () => {
      Object.assign(world, change, { agree: async () => undefined });
      throw unavailable();
    };
    await read();
    expect(over).toEqual(overMs);
  }
});

test('lease - what a former leader may have answered that came back is read again, until it has given up', async () => {
  const { world, asked, read } = ledStream();
  world.lastSilentMs = 5_000;
  await read();
  const listening = ['agree', SHORT_MS];
  expect(asked.splice(0)).toEqual([...listening, ...listening]);
  world.leaders = [['b', 'a']];
  expect(await read()).toBe('read');
  expect(asked.splice(0)).toEqual([...listening, ...listening, ...listening]);
  // As long as it is not answered by anybody who leads it is not known who does.
  world.leaders = [[], ['a']];
  await read();
  expect(asked.splice(0)).toEqual([...listening, 'agree', 2 * SHORT_MS]);
  world.lastSilentMs = 5_000;
  for (let passed = 0; passed < 21_000; passed += 1_900) {
    pass(1_900);
    await read();
    await new Promise(setImmediate);
  }
  asked.splice(0);
  await read();
  expect(asked).toEqual([]);
});

test('lease - a former leader has given up so long after the present one was elected, whenever the lease began', async () => {
  const listenings = async (ledMs: number, thenMs: number) => {
    const { world, asked, read } = ledStream();
    Object.assign(world, { lastSilentMs: 5_000, ledMs });
    await read();
    pass(thenMs);
    asked.length = 0;
    await read();
    await new Promise(setImmediate);
    return asked.filter(each => each === 'agree').length;
  };
  expect(await listenings(19_000, 900)).toBe(1);
  expect(await listenings(19_000, 1_100)).toBe(0);
  expect(await listenings(3_600_000, 0)).toBe(0);
});

test('lease - what shows whose answer it is is not listened to, as long as some server may come back', async () => {
  const { world, asked, readProven } = ledStream();
  Object.assign(world, { lastSilentMs: 5_000, ledMs: 3_600_000 });
  const said: Awaited<ReturnType<Prove<string>>>[] = [
    { answer: 'proven' },
    'another leads',
    { answer: 'again' },
    undefined,
  ];
  const by: (string | undefined)[] = [];
  const prove: Prove<string> = async leader => {
    by.push(leader);
    return said.shift();
  };
  expect(await readProven(prove)).toBe('proven');
  expect(asked.splice(0)).toEqual(['agree', SHORT_MS]);
  // Who answered is not the one whose lease it was: it begins again.
  expect(await readProven(prove)).toBe('again');
  expect(asked.splice(0)).toEqual(['agree', SHORT_MS]);
  // It says nothing: it is read as without, for the former leader gave up long ago.
  expect(await readProven(prove)).toBe('read');
  expect(by).toEqual(['a', 'a', 'a', 'a']);
  world.lastSilentMs = 0;
  pass(1_900);
  await readProven(prove);
  await new Promise(setImmediate);
  await readProven(async () => ({ answer: 'needless' })).then(answer => expect(answer).toBe('read'));
});

test('lease - where the servers answer slowly it is listened as long for another leader as a value is read', async () => {
  const { world, asked, readFor } = ledStream();
  world.lastSilentMs = 5_000;
  await readFor(0);
  asked.splice(0);
  await readFor(50);
  expect(asked).toEqual(['agree', SHORT_MS, 'agree', 200]);
});

test('lease - servers that agree slowly are listened to longer, also where all the others follow the leader', async () => {
  const { world, over, read } = ledStream();
  world.agree = async () => {
    world.agree = async () => pass(50);
    throw unavailable();
  };
  await read();
  expect(over).toEqual([200]);
});

test('lease - streams that were lost together are asked together, those that were read lately', async () => {
  const { world, asked, read } = ledStream();
  await read(call, 'long-ago');
  pass(IDLE_MS + 1);
  for (const bucket of ['b', 'c', 'd']) await read(call, bucket);
  asked.length = 0;
  world.connection = 2;
  await read();
  expect(asked.filter(each => each === 'agree')).toHaveLength(3);
  await Promise.all([read(call, 'c'), read(call, 'd')]);
  expect(asked.filter(each => each === 'agree')).toHaveLength(3);
  // That nobody read for a while is no loss: each is asked when it is read.
  pass(IDLE_MS - 1);
  await read();
  expect(asked.filter(each => each === 'agree')).toHaveLength(4);
});
