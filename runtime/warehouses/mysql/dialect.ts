/** What MySQL and MariaDB do differently; everything else is the same for both. */
export interface MysqlDialect {
  readonly name: 'MySQL' | 'MariaDB';
  /**
   * Collation of text that kvflow creates: it tells every two texts apart, by bytes, trailing spaces included.
   * `utf8mb4_bin` does not: to it "a" and "a " are the same.
   */
  readonly exactCollation: string;
  /** What stands between VALUES and ON DUPLICATE KEY UPDATE. */
  readonly alias: string;
  /** What locks the rows of table `t` in a SELECT over a join with JSON_TABLE, which MySQL takes for a table to lock. */
  readonly lock: string;
  /** A column's value of the row that was to be inserted; `name` is quoted. */
  incoming(name: string): string;
}

const MARIADB: MysqlDialect = {
  name: 'MariaDB',
  exactCollation: 'utf8mb4_nopad_bin',
  alias: '',
  lock: 'FOR UPDATE',
  incoming: name => `VALUES(${name})`,
};

const MYSQL: MysqlDialect = {
  name: 'MySQL',
  exactCollation: 'utf8mb4_0900_bin',
  alias: ' AS incoming',
  lock: 'FOR UPDATE OF t',
  incoming: name => `incoming.${name}`,
};

/** The oldest with JSON_TABLE, an alias for new rows, and a collation that pads nothing. */
const OLDEST = { MySQL: [8, 0, 20], MariaDB: [10, 6, 0] } as const;

/** The dialect of a server by what `VERSION()` says; a text, where the server is too old. */
export function dialectOf(version: string): MysqlDialect | string {
  const dialect = /mariadb/i.test(version) ? MARIADB : MYSQL;
  // MariaDB may put "5.5.5-" before its version, for replicas of old.
  const numbers =
    /(\d+)\.(\d+)\.(\d+)/
      .exec(version.replace(/^5\.5\.5-/, ''))
      ?.slice(1)
      .map(Number) ?? [];
  const oldest = OLDEST[dialect.name];
  const at = oldest.findIndex((least, index) => (numbers[index] ?? 0) !== least);
  if (at === -1 || (numbers[at] ?? 0) > (oldest[at] ?? 0)) return dialect;
  return `needs ${dialect.name} ${oldest.join('.')} or newer, and the server is ${version}`;
}
