/** A column type, in what CAST calls it. Most names of columns' types are none there. */
const NAMES: Record<string, string> = {
  varchar: 'CHAR',
  text: 'CHAR',
  tinytext: 'CHAR',
  mediumtext: 'CHAR',
  longtext: 'CHAR',
  tinyint: 'SIGNED',
  smallint: 'SIGNED',
  mediumint: 'SIGNED',
  int: 'SIGNED',
  integer: 'SIGNED',
  bigint: 'SIGNED',
  bool: 'SIGNED',
  boolean: 'SIGNED',
  numeric: 'DECIMAL',
  dec: 'DECIMAL',
  timestamp: 'DATETIME',
  varbinary: 'BINARY',
};

/** What CAST takes in the place of a column's type, in MySQL and in MariaDB: `varchar(16)` is `CHAR(16)`. */
export function castType(type: string): string {
  const [, word = '', length = '', rest = ''] = /^(\w+)(\([^)]*\))?(.*)$/.exec(type) ?? [];
  const name = NAMES[word.toLowerCase()];
  if (name === 'SIGNED') return /unsigned/i.test(rest) ? 'UNSIGNED' : name;
  if (name !== undefined) return `${name}${length}${rest}`;
  return /^double precision$/i.test(type) ? 'DOUBLE' : type;
}
