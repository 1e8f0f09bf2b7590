import type { IdentifyPreviewOutput } from '../../../contract/types.gen.ts';
import type { Call } from '../../core/call.ts';
import type { Cell, Cells } from '../../core/destinations.ts';
import { MAX_ROWS } from '../../core/destinations.ts';
import type { RecognitionRights } from '../../core/recognition-port.ts';
import { readAudit } from '../amend/audit.ts';
import type { AmendedRow } from '../amend/restore-rows.ts';
import { amendedRows } from '../amend/restore-rows.ts';
import type { Parts } from '../parts.ts';
import { toMapping } from '../visitor/mapping.ts';
import type { VisitorChoice } from '../visitor/visitors.ts';
import { authorizeVisitors, toAnswer, visitorsOf } from '../visitor/visitors.ts';

type Row = IdentifyPreviewOutput['rows'][number];

/** Which undo, and how many rows are shown of it. */
export interface UndoPreview extends Pick<VisitorChoice, 'namespace' | 'bucket'> {
  anonymous_id: string;
  destination: string | undefined;
  limit: number;
  rights: RecognitionRights | undefined;
}

/** What identify-undo would set back. A column that somebody changed since is left out, as it would be. */
export async function previewUndo(
  parts: Parts,
  call: Call,
  { limit, rights, destination, ...choice }: UndoPreview,
): Promise<IdentifyPreviewOutput> {
  const { kv } = parts;
  const { bucket, anonymous_id } = choice;
  const visitors = await visitorsOf(kv, call, {
    ...choice,
    ...(destination !== undefined && { destination }),
  });
  authorizeVisitors(visitors, rights);
  const rows: Row[] = [];
  const known: IdentifyPreviewOutput['visitors'] = [];
  for (const visitor of visitors) {
    const mapping = await toMapping(await kv.get(call, { bucket, key: visitor }));
    const before = (mapping?.identity ?? []).map(({ node, value }) => ({ node, value }));
    known.push({ anonymous_id, before, after: [] });
    const entries = await readAudit(kv, call, { bucket, visitor });
    const name = entries.find(entry => entry.rows.length > 0)?.destination;
    if (name === undefined) continue;
    const warehouse = await parts.destinations.open(name);
    const amended = amendedRows(entries, warehouse.primaryKeyFields);
    for (const [table, some] of Map.groupBy(amended, row => row.table))
      for (let at = 0; at < some.length; at += MAX_ROWS) {
        const page = some.slice(at, at + MAX_ROWS);
        const primaryKeyFields = Object.keys(page[0]?.key ?? {});
        const keys = page.map(({ key }) => key);
        const there = await warehouse.read(call, { table, primaryKeyFields }, keys);
        rows.push(...page.flatMap((row, index) => toRow(anonymous_id, row, there[index]) ?? []));
      }
  }
  return { loads: 0, failed: 0, visitors: known, rows: rows.slice(0, limit), rows_total: rows.length };
}

function toRow(
  anonymous_id: string,
  row: AmendedRow,
  there: Cells<Cell | null> | undefined,
): Row | undefined {
  const old: Cells<Cell | null> = Object.create(null);
  const now: Cells<Cell | null> = Object.create(null);
  for (const [column, links] of Object.entries(row.columns)) {
    const current = there?.[column];
    const link = links.find(
      ({ from }) => current !== null && current !== undefined && String(from) === String(current),
    );
    if (!link) continue;
    old[column] = link.from;
    now[column] = link.to;
  }
  if (Object.keys(now).length === 0) return undefined;
  return { anonymous_id, table: row.table, key: toAnswer(row.key), old: toAnswer(old), new: toAnswer(now) };
}
