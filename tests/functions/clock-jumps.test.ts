/** The clock of one kvflow's machine is set forward and back; the same by libfaketime in a process of its own: tests/faults. */
import { afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { createIdempotency } from '../../runtime/core/idempotency.ts';
import { EVERYTHING } from '../../runtime/core/principal.ts';
import { createTickets } from '../../runtime/core/tickets.ts';
import { forAll } from '../support/for-all.ts';
import { joinNats, startKvflow } from '../support/kvflow.ts';
import { soon } from '../support/soon.ts';

const bucket = 'clocks';
const HOUR = 3_600_000;
const LONG = 600_000_000_000;

const realNow = Date.now;

const kvflow = forAll(startKvflow);

beforeAll(async () => {
  await kvflow.call('kv-bucket-create', { bucket, key_ttl: true });
});

afterEach(() => {
  jest.restoreAllMocks();
});

for (const [way, by] of [
  ['forward', HOUR],
  ['back', -HOUR],
] as const) {
  test(`clocks - set ${way} by an hour: what lives goes on living, what is held stays held, and new ends are right`, async () => {
    const key = (name: string) => ({ bucket, key: `${way}.${name}` });
    await kvflow.call('kv-key-put', { ...key('item'), value: 'x', ttl: LONG });
    await kvflow.call('kv-lock-acquire', { ...key('lock'), ttl: LONG });
    await kvflow.call('kv-queue-push', { bucket, queue: way, value: 'job' });
    await kvflow.call('kv-queue-take', { bucket, queue: way, lease: LONG });

    setClock(by);
    expect(await kvflow.call('kv-key-get', key('item'))).toMatchObject({ value: 'x' });
    expect(await kvflow.call('kv-lock-acquire', { ...key('lock'), ttl: LONG })).toMatchObject({
      acquired: false,
    });
    expect(await kvflow.call('kv-queue-take', { bucket, queue: way, lease: LONG })).toMatchObject({
      taken: false,
    });
    const { expires_at } = await kvflow.call('kv-key-put', { ...key('new'), value: 'x', ttl: LONG });
    expect(Math.abs(Date.parse(String(expires_at)) - realNow() - LONG / 1e6)).toBeLessThan(60_000);
    expect(await kvflow.call('kv-key-get', key('new'))).toMatchObject({ value: 'x' });
    // Ages and ends are told by the same clock: all is young, and what has an end has minutes left.
    const search = (query: string) => ({ bucket, filter: `${way}.*`, query });
    for (const none of ['age>10m', 'expires<1m']) {
      expect(await kvflow.call('kv-key-find', search(none))).toMatchObject({ items: [] });
      expect(await kvflow.call('kv-bucket-export', search(none))).toMatchObject({ records: [] });
      expect(await kvflow.call('kv-key-purge', search(none))).toMatchObject({ matched: 0, purged: 0 });
    }
    const { items } = await kvflow.call('kv-key-find', search('age<10m'));
    expect(items).toContainEqual(expect.objectContaining({ key: `${way}.item` }));
  });

  test(`clocks - set ${way} by an hour: a call with an Idempotency-Key that runs is not run by another, and tickets are good`, async () => {
    await using other = joinNats(kvflow.joined);
    const tickets = createTickets(kvflow.nats.kv);
    const { ticket } = await tickets.issue(soon(), 'app');
    const first = createIdempotency({ kv: kvflow.nats.kv });
    const second = createIdempotency({ kv: other.nats.kv });
    const call = { key: way, principal: EVERYTHING, route: 'r', body: {}, timeoutMs: 60_000 };
    // The bucket of the records is there, and each process knows the store's clock.
    for (const once of [first, second])
      await once.once({ ...call, key: crypto.randomUUID() }, done, () => []);
    let end: ((outcome: object) => void) | undefined;
    const running = first.once(
      call,
      () => new Promise<object>(resolve => (end = resolve)),
      () => [],
    );
    while (!end) await new Promise(resolve => setTimeout(resolve, 5));

    setClock(by);
    await expect(second.once(call, done, () => [])).rejects.toMatchObject({
      code: 'IDEMPOTENCY_IN_PROGRESS',
    });
    expect(await tickets.redeem(soon(), ticket)).toBe('app');
    end({});
    await running;
  });
}

/** As if somebody set the machine's clock; what measures time by itself goes on as it did. */
function setClock(by: number): void {
  jest.spyOn(Date, 'now').mockImplementation(() => realNow() + by);
}

async function done(): Promise<object> {
  return {};
}
