import { expect, test } from '@jest/globals';
import type { AuditRow } from '../../../runtime/recognition/audit.ts';
import { decodeAudit, encodeAudit } from '../../../runtime/recognition/audit.ts';

const entry = (rows: AuditRow[]) => ({ destination: 'w', by: 'events/e', at: '2026-01-31T12:00:00Z', rows });
const row = (id: string, old: AuditRow['old'], now: AuditRow['new'], table = 'events'): AuditRow => ({
  table,
  key: { event_id: id },
  old,
  new: now,
});

test('audit-format - rows that changed alike are stored as one change with their keys', () => {
  const named = { user_id: 'u' };
  const rows = [
    row('a', { user_id: null }, named),
    row('b', { user_id: null }, named),
    row('c', { user_id: 'x' }, named),
    row('d', { user_id: 'x' }, named, 'other'),
  ];
  const json = encodeAudit(entry(rows));
  expect(JSON.parse(json).rows).toEqual([
    { table: 'events', old: { user_id: null }, new: named, keys: [{ event_id: 'a' }, { event_id: 'b' }] },
    { table: 'events', old: { user_id: 'x' }, new: named, keys: [{ event_id: 'c' }] },
    { table: 'other', old: { user_id: 'x' }, new: named, keys: [{ event_id: 'd' }] },
  ]);
  expect(decodeAudit(JSON.parse(json))).toEqual(entry(rows));
});

test('audit-format - tokens of events whose rows make others stand with their keys', () => {
  const [one, two, three] = ['a', 'b', 'c'].map(id => row(id, { user_id: null }, { user_id: 'u' }));
  const rows = [one, { ...two, token: 'events/=n2' }, three] as AuditRow[];
  const json = encodeAudit(entry(rows));
  expect(JSON.parse(json).rows).toMatchObject([{ keys: [{}, {}, {}], tokens: [null, 'events/=n2'] }]);
  expect(decodeAudit(JSON.parse(json))).toEqual(entry(rows));
});

test('audit-format - integers beyond 2^53 and columns of any name come back', () => {
  const odd = Object.assign(Object.create(null), JSON.parse('{"__proto__":"x"}'));
  const rows: AuditRow[] = [{ table: 't', key: { id: 9_007_199_254_740_993n }, old: { id: 1n }, new: odd }];
  const [found] = decodeAudit(JSON.parse(encodeAudit(entry(rows)))).rows;
  expect(found?.key).toEqual({ id: 9_007_199_254_740_993n });
  expect(found?.old).toEqual({ id: 1n });
  expect(Object.keys(found?.new ?? {})).toEqual(['__proto__']);
});
