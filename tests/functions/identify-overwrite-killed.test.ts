/** `overwrite` replaces values: whenever the process is killed, undoing brings them back. */
import { expect, test } from '@jest/globals';
import { decodeAudit } from '../../runtime/recognition/audit.ts';
import type { Step } from '../../runtime/recognition/job.ts';
import { forAll } from '../support/for-all.ts';
import { event, postgresAt, startIdentifying } from '../support/identify.ts';
import { runChild } from '../support/identify-children.ts';
import { soon } from '../support/soon.ts';
import { onServer, startPostgres } from '../support/warehouses/postgres.ts';

const postgres = forAll(() => startPostgres(), 60_000);

const OVERWRITE = { conflict: 'overwrite' } as const;
const IDS = ['replaced', 'empty', 'same', 'late', 'named'];
const BY_HAND = { replaced: 'crm/crm@b.com', empty: '-/-', same: 'u1/old@b.com' };
const NAMED = { id: 'u1', email: 'u1@b.com' };

/** A visitor's rows, into two of which somebody else wrote; then a call that names the visitor is killed. */
async function killedAt(step: Step) {
  const url = await postgres.database(`overwrite_${step.replace('-', '_')}`);
  const warehouse = postgresAt(url);
  await using stack = new AsyncDisposableStack();
  const k = stack.use(await startIdentifying(warehouse));
  await k.identify([event('replaced', 'v'), event('empty', 'v'), event('same', 'v')], OVERWRITE);
  await k.identify([event('other', 'w', { id: 'w', email: 'w@b.com' })], OVERWRITE);
  await onServer(url, async client => {
    await client.query(
      "UPDATE events SET user_id = 'crm', user_email = 'crm@b.com' WHERE event_id = 'replaced'",
    );
    await client.query("UPDATE events SET user_id = 'u1', user_email = 'old@b.com' WHERE event_id = 'same'");
  });
  const call = [event('late', 'v'), event('named', 'v', NAMED)];
  const end = await runChild({
    servers: [k.server.url],
    warehouse,
    calls: [call],
    more: OVERWRITE,
    killAt: step,
  });
  expect(end).toMatchObject({ signal: 'SIGKILL' });
  const undo = async () => await k.call('identify-undo', { anonymous_id: 'v', destination: 'warehouse' });
  const changes = async () => {
    const keys = await k.nats.kv.keys(soon(), 'recognition_audit', '>');
    const found = await k.nats.kv.getMany(soon(), 'recognition_audit', keys);
    const texts = found.map(entry => new TextDecoder().decode((entry as { value: Uint8Array }).value));
    return texts
      .flatMap(text => decodeAudit(JSON.parse(text)).rows)
      .map(({ key }) => key.event_id)
      .sort();
  };
  stack.move();
  return { k, undo, changes };
}

test.each<Step>(['load', 'list', 'intent', 'amend', 'evict'])(
  'identify - overwrite, killed after %s and finished by another: undo brings every replaced value back',
  async step => {
    const { k, undo, changes } = await killedAt(step);
    await using _ = k;
    expect(await k.recognition.reconcile(soon())).toEqual({ finished: 1, left: 0 });
    const u1 = 'u1/u1@b.com';
    expect(await k.identities(IDS)).toEqual({ replaced: u1, empty: u1, same: u1, late: u1, named: u1 });
    // Each row once, however often it was begun.
    expect(await changes()).toEqual(['empty', 'late', 'replaced', 'same']);
    expect(await undo()).toMatchObject({ restored: 4, unchanged: 0 });
    expect(await k.identities(IDS)).toEqual({ ...BY_HAND, late: '-/-', named: u1 });
  },
  60_000,
);

test('identify - overwrite, killed before rows were amended: undo leaves them as they are', async () => {
  const { k, undo } = await killedAt('intent');
  await using _ = k;
  expect(await undo()).toMatchObject({ restored: 0 });
  expect(await k.identities(Object.keys(BY_HAND))).toEqual(BY_HAND);
}, 60_000);

test('identify - overwrite, killed and undone before anybody finished it: every replaced value is back', async () => {
  const { k, undo } = await killedAt('amend');
  await using _ = k;
  await undo();
  expect(await k.identities(Object.keys(BY_HAND))).toEqual(BY_HAND);
}, 60_000);
