/** What the `nats micro` commands ask (ADR-32), asked as they do it: of every process, on the subjects without a name too. */
import { beforeAll, expect, test } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import { serveFunctions } from '../../../../runtime/nats/service/service.ts';
import { atLast, endedAtLast, forAll } from '../../../support/for-all.ts';
import { joinNats, registry } from '../../../support/kvflow.ts';
import { startNats } from '../../../support/nats.ts';
import { connectPatiently } from '../../../support/patient-nats.ts';

const log = { info: () => undefined, warn: () => undefined };
const server = forAll(startNats);
let nc: NatsConnection;

beforeAll(async () => {
  await Promise.all([serveOne(), serveOne()]);
  nc = await connectPatiently({ servers: server.url });
  atLast(() => nc.close());
  await nc.request('kvflow.fn.kv-bucket-list');
  await nc.request('kvflow.fn.kv-bucket-info', '{"bucket":"none"}');
});

const TEXT = expect.any(String);
const COUNT = expect.any(Number);
const who = { name: 'kvflow', id: TEXT, version: registry.version, metadata: expect.any(Object) };

test.each(['$SRV.PING', '$SRV.PING.kvflow'])(
  'nats micro list - %s is answered by each process',
  async subject => {
    const answers = await ask(subject);
    expect(answers).toMatchObject(Array(2).fill({ ...who, type: 'io.nats.micro.v1.ping_response' }));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(2);
  },
);

test.each(['$SRV.INFO', '$SRV.INFO.kvflow'])(
  'nats micro info - %s describes every endpoint',
  async subject => {
    const answers = await ask(subject);
    const described = { ...who, type: 'io.nats.micro.v1.info_response', description: TEXT };
    expect(answers).toMatchObject(Array(2).fill(described));
    const endpoint = { name: TEXT, subject: TEXT, queue_group: 'kvflow', metadata: expect.any(Object) };
    for (const { endpoints } of answers) {
      expect(endpoints).toMatchObject(Array(registry.list().length).fill(endpoint));
    }
  },
);

test.each(['$SRV.STATS', '$SRV.STATS.kvflow'])('nats micro stats - %s has the figures', async subject => {
  const answers = await ask(subject);
  const counted = { ...who, type: 'io.nats.micro.v1.stats_response', started: TEXT };
  expect(answers).toMatchObject(Array(2).fill(counted));
  const figures = {
    num_requests: COUNT,
    num_errors: COUNT,
    processing_time: COUNT,
    average_processing_time: COUNT,
  };
  const endpoints = answers.flatMap(answer => answer.endpoints);
  expect(endpoints).toMatchObject(
    Array(2 * registry.list().length).fill({ ...figures, name: TEXT, subject: TEXT, queue_group: 'kvflow' }),
  );
  // Nanoseconds, as whole numbers: that is what Go reads them as.
  for (const it of endpoints) expect(Number.isInteger(it.average_processing_time)).toBe(true);
  const total = (name: 'num_requests' | 'num_errors') => endpoints.reduce((sum, it) => sum + it[name], 0);
  expect([total('num_requests'), total('num_errors')]).toEqual([2, 1]);
  expect(answers.every(({ started }) => !Number.isNaN(Date.parse(started)))).toBe(true);
});

test('nats micro stats - one process is asked by its id', async () => {
  const [{ id } = { id: '' }] = await ask('$SRV.PING.kvflow');
  expect(await ask(`$SRV.STATS.kvflow.${id}`, 1)).toMatchObject([{ id }]);
});

interface Answer {
  id: string;
  started: string;
  endpoints: { num_requests: number; num_errors: number; average_processing_time: number }[];
}

async function ask(subject: string, count = 2): Promise<Answer[]> {
  const answers: Answer[] = [];
  const options = { strategy: 'count', maxMessages: count, maxWait: 10_000 };
  for await (const msg of await nc.requestMany(subject, '', options as never))
    answers.push(msg.json<Answer>());
  return answers;
}

async function serveOne() {
  const kvflow = endedAtLast(joinNats({ servers: [server.url] }));
  const { connection } = kvflow.nats;
  const service = serveFunctions({ connection, registry, invoke: kvflow.invoke, log });
  atLast(service.stop);
  await service.started;
}
