import type { ColumnKind } from '../engine.ts';

/** What a column holds once MODIFY has made text of it, and what kvflow writes there. Done twice it changes nothing more. */
interface Rewriting {
  /** Which rows. */
  where: string;
  to: string;
}

/** Undefined where MySQL's text of such a value is JavaScript's. */
export function rewriting(kind: ColumnKind, name: string): Rewriting | undefined {
  if (kind === 'boolean') return { where: `${name} IN ('0', '1')`, to: `IF(${name} = '1', 'true', 'false')` };
  if (kind === 'timestamp')
    return { where: `${name} LIKE '____-__-__ %'`, to: `CONCAT(REPLACE(${shortened(name)}, ' ', 'T'), 'Z')` };
  if (kind !== 'double') return undefined;
  // As a decimal it has all its digits and no exponent.
  const plain = asText(`CAST(${name} AS DECIMAL(65,30))`);
  const text = asText(name);
  const cases = [
    [`${name} + 0 = 0`, `'0'`],
    [`ABS(${name} + 0) >= 1e21`, `REPLACE(REPLACE(${text}, 'e+', 'e'), 'e', 'e+')`],
    [`ABS(${name} + 0) >= 1e-6`, shortened(plain)],
    [`${name} LIKE '%e%'`, text],
  ];
  const whens = cases.map(([when, then]) => `WHEN ${when} THEN ${then}`).join(' ');
  return {
    where: `${name} LIKE '%e%' OR ${name} LIKE '%0.000000%' OR ${name} = '-0'`,
    to: `CASE ${whens} ELSE ${withExponent(text)} END`,
  };
}

/** In one collation, whatever the table's: texts of several make no CASE. */
function asText(value: string): string {
  return `(CONVERT(${value} USING utf8mb4) COLLATE utf8mb4_bin)`;
}

/** `0.000000125` as `1.25e-7`. */
function withExponent(text: string): string {
  const fraction = `SUBSTRING_INDEX(${text}, '.', -1)`;
  const digits = `TRIM(LEADING '0' FROM ${fraction})`;
  const sign = `IF(${text} LIKE '-%', '-', '')`;
  const rest = `IF(CHAR_LENGTH(${digits}) > 1, CONCAT('.', SUBSTRING(${digits}, 2)), '')`;
  const exponent = `CHAR_LENGTH(${fraction}) - CHAR_LENGTH(${digits}) + 1`;
  return `CONCAT(${sign}, LEFT(${digits}, 1), ${rest}, 'e-', ${exponent})`;
}

/** Without the zeros at the end of a fraction. */
function shortened(text: string): string {
  return `IF(LOCATE('.', ${text}) > 0, TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM ${text})), ${text})`;
}
