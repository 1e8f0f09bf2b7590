/** When a connection leaves a server that its cluster went on without, and when not. */
import { expect, jest, test } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import { PermissionViolationError } from '@nats-io/transport-node';
import { createPartedServer } from '../../../runtime/nats/parted-server.ts';
import { eventually } from '../../support/eventually.ts';

type Says = object | undefined;

const follower = (activeMs: number) => ({ name: 'f', current: true, active: activeMs * 1_000_000 });
const led = {
  config: { num_replicas: 3 },
  cluster: { leader: 'l', replicas: [follower(5), follower(9_000)] },
};
const unheard = {
  config: { num_replicas: 3 },
  cluster: { leader: 'l', replicas: [follower(9_000), follower(9_000)] },
};
const oneCopy = { config: { num_replicas: 1 }, cluster: { leader: 'l' } };
const away = { error: { code: 503, err_code: 10008, description: 'unavailable' } };
const gone = { error: { code: 404, err_code: 10059, description: 'stream not found' } };

/** A server that says this of each stream; of the others nobody answers. Leaders that it knows agree with a majority, or do not: how they end that. */
function serverOf(name: string, says: Record<string, Says>, agree: () => object = () => ({ success: true })) {
  const asked: string[] = [];
  let here = name;
  const connection = {
    getServer: () => here,
    isClosed: () => false,
    close: async () => undefined,
    request: async (subject: string) => {
      const stream = subject.split('.').at(-1) ?? '';
      asked.push(stream);
      if (subject.includes('.PURGE.')) return { json: agree };
      if (!says[stream]) throw new Error('no responders');
      return { json: () => says[stream] };
    },
  } as unknown as NatsConnection;
  const goTo = (there: string) => {
    here = there;
  };
  return { connection, asked, goTo };
}

/** Looks once, from a server that says `here`; the other one says `there`. Where it went, and whether the other one was asked. */
async function lookFrom(
  here: Record<string, Says>,
  there: Record<string, Says>,
  subjects: string[],
  agree?: () => object,
) {
  const [mine, other] = [serverOf('mine', here), serverOf('other', there, agree)];
  let opened = 0;
  const suspect = createPartedServer('$JS.API', {
    of: () => ['other'],
    open: async () => {
      opened += 1;
      return other.connection;
    },
    goTo: async (_connection, server) => mine.goTo(server),
  });
  suspect(mine.connection, subjects);
  await eventually(() => expect(mine.asked.length).toBeGreaterThan(0));
  return { mine, isOpened: () => opened > 0, isAsked: () => other.asked.length > 0 };
}

const OF_A = ['$KV.a.key', '$JS.API.STREAM.MSG.GET.KV_a'];

test.each([
  ['knows no leader', undefined],
  ['says that nobody leads', away],
  ['has a leader whom no majority follows', unheard],
])('a server that %s is left for one that knows a leader', async (_, says) => {
  const { mine } = await lookFrom({ KV_a: says }, { KV_a: led }, OF_A);
  await eventually(() => expect(mine.connection.getServer()).toBe('other'));
  expect(new Set(mine.asked)).toEqual(new Set(['KV_a']));
});

test.each([
  ['a leader is known', led],
  ['there is no such bucket', gone],
  ['the bucket has one copy', oneCopy],
])('where %s nobody else is asked', async (_, says) => {
  const { isOpened } = await lookFrom({ KV_a: says }, { KV_a: led }, OF_A);
  await new Promise(resolve => setImmediate(resolve));
  expect(isOpened()).toBe(false);
});

test('a leader who heard the others until just now and reaches them no more is no better', async () => {
  const { mine, isAsked } = await lookFrom({ KV_a: away }, { KV_a: led }, OF_A, () => {
    throw new Error('timeout');
  });
  await eventually(() => expect(isAsked()).toBe(true));
  await eventually(() => expect(mine.asked.length).toBeGreaterThan(2));
  expect(mine.connection.getServer()).toBe('mine');
});

test('where NATS does not let the leader be asked to agree its word is taken', async () => {
  const { mine } = await lookFrom({ KV_a: away }, { KV_a: led }, OF_A, () => {
    throw new PermissionViolationError('denied', 'publish', '$JS.API.STREAM.PURGE.KV_a');
  });
  await eventually(() => expect(mine.connection.getServer()).toBe('other'));
});

test.each([10109, 10110])(
  'where the stream takes no purges (%i) the word of its leader is taken',
  async err_code => {
    const { mine } = await lookFrom({ KV_a: away }, { KV_a: led }, OF_A, () => ({ error: { err_code } }));
    await eventually(() => expect(mine.connection.getServer()).toBe('other'));
  },
);

test('a server that knows leaders of some streams is not left for one that knows others alone', async () => {
  const subjects = ['$KV.a.key', '$JS.API.CONSUMER.CREATE.KV_b.name'];
  const { mine, isAsked } = await lookFrom({ KV_a: led }, { KV_b: led }, subjects);
  await eventually(() => expect(isAsked()).toBe(true));
  await eventually(() => expect(mine.asked.length).toBeGreaterThan(2));
  expect(mine.connection.getServer()).toBe('mine');
});

test('of several others each is asked in its turn, also where one that is away holds up a look until its end', async () => {
  const mine = serverOf('mine', { KV_a: undefined });
  const asked: string[] = [];
  const now = Date.now;
  let laterMs = 0;
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() + laterMs);
  const suspect = createPartedServer('$JS.API', {
    of: () => ['away.1', 'away.2', 'other'],
    open: async server => {
      asked.push(server);
      if (server === 'other') return serverOf('other', { KV_a: led }).connection;
      laterMs += 3_100;
      throw new Error('timeout');
    },
    goTo: async (_connection, server) => mine.goTo(server),
  });
  try {
    await eventually(() => {
      suspect(mine.connection, OF_A);
      expect(mine.connection.getServer()).toBe('other');
    });
  } finally {
    clock.mockRestore();
  }
  expect(asked).toEqual(['away.1', 'away.2', 'other']);
});
