import type { FoundItem } from '../../api/newest-items.ts';
import { asJson, eventName, jsonOf, text, type Visitor, visitorOf } from './stored.ts';

/** One column that was changed. */
export interface ChangedCell {
  column: string;
  /** Null: there was nothing. */
  old: string | null;
  now: string;
}

/** One row of a warehouse that was amended. */
export interface ChangedRow extends Visitor {
  id: string;
  table: string;
  /** Columns of the primary key with their values. */
  key: [column: string, value: string][];
  cells: ChangedCell[];
  /** Event that named the visitor. */
  by: string;
  at: string;
}

/** The rows of an audit entry; its key is `<bucket>.<namespace>.<destination>.<anonymous id>.<event>.<any>`. */
export async function readAudit({ key, stored, created_at }: FoundItem): Promise<ChangedRow[]> {
  const parts = key.split('.');
  const visitor = visitorOf(parts.slice(1, 4));
  const json = await jsonOf(stored);
  if (!visitor || !json || !Array.isArray(json.rows)) return [];
  const by = eventName(parts[4] ?? '');
  const at = text(json.at) || created_at;
  return json.rows.flatMap((one, index) => {
    const alike = asJson(one);
    if (!alike || !Array.isArray(alike.keys)) return [];
    const table = text(alike.table);
    const cells = changedCells(alike);
    return alike.keys.map((row, place) => ({
      ...visitor,
      id: `${key} ${index} ${place}`,
      table,
      key: Object.entries(asJson(row) ?? {}).map(([column, value]): [string, string] => [
        column,
        cell(value) ?? 'NULL',
      ]),
      cells,
      by,
      at,
    }));
  });
}

/** What rows that changed alike held, and hold. */
function changedCells(alike: { old?: unknown; new?: unknown }): ChangedCell[] {
  const old = asJson(alike.old) ?? {};
  return Object.entries(asJson(alike.new) ?? {}).map(([column, value]) => ({
    column,
    old: cell(old[column]),
    now: cell(value) ?? 'NULL',
  }));
}

/** Integers beyond what JSON holds are stored as `{ bigint }`. */
function cell(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  const big = asJson(value)?.bigint;
  return typeof big === 'string' ? big : JSON.stringify(value);
}
