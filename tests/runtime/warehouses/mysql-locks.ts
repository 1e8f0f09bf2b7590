import { expect, test } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import { openMysql } from '../../../runtime/warehouses/mysql/engine.ts';
import { nextVersion, within } from '../../suites/warehouse/subject.ts';
import { eventually } from '../../support/eventually.ts';
import { event, startIdentifying } from '../../support/identify.ts';
import type { MysqlPlace } from './mysql-place.ts';

/** Two at one row, connections that go, a server that does not answer, and what is left half-way. */
export function testMysqlLocks(name: string, place: MysqlPlace): void {
  const { server, admin, engine, target, loader, load, amend, select } = place;

  test(`${name} - a deadlock is the server rolling back one of two, which is done again`, async () => {
    const rows = (...ids: string[]) => ids.map(id => ({ id }));
    // The one that has changed fewer rows is rolled back.
    const others = Array.from({ length: 300 }, (_, i) => `other${i}`);
    await load(target('locks'), ...rows('a', 'z', ...others), { id: 'x', email: '' });
    const holder = await createConnection(server().url);
    await holder.query('START TRANSACTION');
    await holder.query("UPDATE locks SET email = 'y' WHERE id = 'z' OR id LIKE 'other%'");
    const amending = amend(target('locks'), 'a@b.com', ...rows('a', 'z'));
    // Asked more often, the server answers what it said before.
    const waiting = eventually(
      async () => {
        const sql = "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'";
        expect(await select(sql)).toEqual([[1]]);
      },
      { every: 250 },
    );
    // Amending that ends without waiting says why.
    await Promise.race([waiting, amending.then(states => expect(states).toBe('waiting'))]);
    // Closes the circle.
    await holder.query("UPDATE locks SET email = NULL WHERE id = 'a'");
    await holder.query("UPDATE locks SET email = NULL WHERE id = 'z'");
    await holder.query('COMMIT');
    expect((await amending).map(({ state }) => state)).toEqual(['amended', 'amended']);
    holder.destroy();
  });

  test(`${name} - a row that is held: its visitor is finished when it is free, all others at once`, async () => {
    const primaryKeyFields = ['event_id'];
    const destination = { type: 'mysql' as const, url: server().url, table: 'held', primaryKeyFields };
    await using k = await startIdentifying({ ...destination, lockMs: 1_000 });
    const first = [0, 1, 2].map(v => event(`a${v}`, `v${v}`));
    // The columns are there: to add one waits for whoever holds any row.
    await k.identify([event('columns', 'w', { id: 'w', email: 'w@x' }), ...first]);
    const holder = await createConnection(server().url);
    await holder.query('START TRANSACTION');
    await holder.query("SELECT * FROM held WHERE event_id = 'a1' FOR UPDATE");
    const logins = [0, 1, 2].map(v => event(`b${v}`, `v${v}`, { id: `u${v}`, email: `${v}@x` }));
    expect(await k.identify(logins)).toMatchObject({
      loaded: 3,
      failed: [],
      pending: { events: 1, code: 'TIMEOUT' },
    });
    const ids = ['a0', 'a1', 'a2'];
    expect(await k.identities(ids, 'held')).toEqual({ a0: 'u0/0@x', a1: '-/-', a2: 'u2/2@x' });
    await holder.query('ROLLBACK');
    holder.destroy();
    expect(await k.recognition.reconcile(within())).toMatchObject({ finished: 1, left: 0 });
    expect(await k.identities(ids, 'held')).toMatchObject({ a1: 'u1/1@x' });
  });

  test(`${name} - a connection lost before anything stands costs the call nothing`, async () => {
    await load(target('cut'), { id: 'a', email: '' }, { id: 'b' });
    const holder = await createConnection(server().url);
    await holder.query('START TRANSACTION');
    await holder.query("SELECT * FROM cut WHERE id = 'b' FOR UPDATE");
    const amending = amend(target('cut'), 'a@b.com', { id: 'b' });
    const waiting = await eventually(async () => {
      const sql = "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE '%JSON_TABLE%FOR UPDATE%'";
      const [id] = ((await select(`${sql} AND ID <> CONNECTION_ID()`)) as number[][]).flat();
      expect(id).toBeGreaterThan(0);
      return Number(id);
    });
    await admin().query(`KILL ${waiting}`);
    await holder.query('ROLLBACK');
    holder.destroy();
    expect(await amending).toMatchObject([{ state: 'amended' }]);
    expect(await select("SELECT email FROM cut WHERE id = 'b'")).toEqual([['a@b.com']]);
  });

  test(`${name} - a statement that outlives its call is ended on the server`, async () => {
    await load(target('killed'), { id: 'a', email: '' }, { id: 'b' });
    const holder = await createConnection(server().url);
    await holder.query('START TRANSACTION');
    await holder.query("SELECT * FROM killed WHERE id = 'b' FOR UPDATE");
    const row = { event: { id: 'b' }, version: 1n, identity: [{ path: ['email'], value: 'x' }] };
    const stuck = loader().amend(within(300), { ...target('killed'), conflict: 'fill' }, [row]);
    await expect(stuck).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true });
    await eventually(async () => {
      const sql =
        "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE '%JSON_TABLE%FOR UPDATE%' AND ID <> CONNECTION_ID()";
      expect(await select(sql)).toEqual([[0]]);
    });
    holder.destroy();
  });

  test(`${name} - a server that does not answer is a TIMEOUT at the deadline, and a wrong password no secret`, async () => {
    server().pause();
    try {
      // A signal may take a moment to stop all of the server's threads.
      await eventually(() =>
        expect(engine().describe(within(300), 't')).rejects.toMatchObject({
          code: 'TIMEOUT',
          retryable: true,
        }),
      );
    } finally {
      server().resume();
    }
    const wrong = await openMysql({ url: server().url.replace(/:[^:@]+@/, ':geheim@') });
    const error = await wrong.describe(within(), 't').catch(caught => caught);
    expect(error).toMatchObject({ code: 'WAREHOUSE_ERROR' });
    expect(JSON.stringify([error.message, error.details])).not.toContain('geheim');
    await wrong.close();
  });

  test(`${name} - a column of booleans that is made text half-way, as when a process is killed, is made so by the next`, async () => {
    const widening = () => loader({ misfits: { policy: 'widen', byColumn: new Map() } });
    const stored = async (...events: Record<string, unknown>[]) => {
      const rows = events.map(event => ({ event, version: nextVersion() }));
      expect(await widening().load(within(), target('flags'), rows)).toEqual(events.map(() => undefined));
    };
    await stored({ id: 'a', ok: true }, { id: 'b', ok: false }, { id: 'c' });
    await admin().query(
      "CREATE TRIGGER half_way BEFORE UPDATE ON flags FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'killed'",
    );
    await stored({ id: 'd', ok: 'maybe' }, { id: 'e', ok: true });
    await admin().query('DROP TRIGGER half_way');
    const keys = ['a', 'b', 'c', 'e'].map(id => ({ id }));
    const there = await widening().read(within(), target('flags'), keys);
    expect(there.map(row => row?.ok)).toEqual([true, false, null, true]);
    await stored({ id: 'f', ok: 'perhaps' });
    await stored({ id: 'g', ok: false });
    expect(await select('SELECT id, ok FROM flags ORDER BY id')).toEqual([
      ['a', 'true'],
      ['b', 'false'],
      ['c', null],
      ['d', null],
      ['e', 'true'],
      ['f', 'perhaps'],
      ['g', 'false'],
    ]);
  });
}
