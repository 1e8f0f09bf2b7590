/** Rows as a table inside a statement: one bind of JSON, however many rows. */
import { PackError } from '../../../contract/errors.ts';

/** One value of every row: how its text becomes a typed value, and the texts. */
export interface SourceColumn {
  cast(text: string): string;
  values: readonly (string | null)[];
}

/** A derived table to be named `s`, and its one bind. */
export interface Source {
  /** In parentheses, with columns `C0`, `C1`, ... in the order given. Values are cast here: a VALUES clause may not. */
  sql: string;
  bind: string;
}

/** Most characters of JSON that Snowflake parses in one piece. */
const MAX_BIND = 16_000_000;

/** Makes the source of `rows` rows. Throws WAREHOUSE_ERROR with `details.rows` where it would be too large. */
export function sourceOf(columns: readonly SourceColumn[], rows: number): Source {
  const json = JSON.stringify(
    Array.from({ length: rows }, (_, row) => columns.map(({ values }) => values[row] ?? null)),
  );
  if (json.length > MAX_BIND || Buffer.byteLength(json) > MAX_BIND) {
    throw new PackError(
      'WAREHOUSE_ERROR',
      `holds more than the ${MAX_BIND} bytes Snowflake takes of one row`,
      {
        details: { rows: true },
      },
    );
  }
  const list = columns.map(({ cast }, index) => `${cast(`f.VALUE[${index}]::VARCHAR`)} AS "C${index}"`);
  return { sql: `(SELECT ${list.join(', ')} FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) AS f)`, bind: json };
}

/** A column of plain text: a row's number, a fingerprint. */
export function plain(values: readonly (string | null)[]): SourceColumn {
  return { cast: text => text, values };
}
