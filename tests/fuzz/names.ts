/** Values for properties by their names, so that what is called mostly meets something that is there. */

/** Buckets that the tests make first, and names of some that are not there. */
const BUCKETS = [
  ...Array.from({ length: 12 }, () => 'plain'),
  ...Array.from({ length: 9 }, () => 'past'),
  'coded',
  'small',
  'gone',
  'transform_kv',
  ...Array.from({ length: 4 }, (_, i) => `made-${i}`),
];
/** Those that the tests write first are there twice. */
const WRITTEN = ['a', 'a.b', 'n', 'json', 'list', 'text'];
const KEYS = [...WRITTEN, ...WRITTEN, 'a.c', 'a.b.d', 'bytes', 'lock', 'q', 'missing', 'a/b=c_d-e'];
const NEW_KEYS = Array.from({ length: 80 }, (_, i) => `new.${i}`);
const POINTERS = [
  '',
  '/',
  '/a',
  '/a/b',
  '/list/0',
  '/list/-',
  '/n',
  '/a~1b',
  '/a~0b',
  '/missing/deep',
  '/-1',
  '/01',
];
const NODES = ['/user_id', '/anonymous_id', '/a/b', '/user/id||/user_id', '/time', '/event_id', '/missing'];
const SCRIPTS = [
  'return $',
  'return null',
  'return [$, $]',
  '({ ...$, n: 1 })',
  'throw new Error("no")',
  'return 7',
  'await $kv.set("a", $); return { was: await $kv.get("a") }',
  'await $kv.incr("n"); return $',
  'for (const key of await $kv.list("a")) await $kv.del(key); return $',
  'return undefined.x',
  'return {',
  'return JSON.parse("{\\"__proto__\\": 1}")',
  'return new Proxy($, {})',
  'Promise.reject(new Error("left")); return $',
];
/** A worker that is killed costs more of the processor than all the rest of a call. */
const SCRIPTS_AND_ENDLESS = [...Array.from({ length: 27 }, () => SCRIPTS).flat(), 'while (true) {}'];
/** Those that are stored from the start. */
export const SCRIPT_IDS = Array.from({ length: 24 }, (_, i) => `script-${i}`);
const RELEASES = ['1', '2', 'stable', '1', '2', 'stable', '99', 'missing'];
const SQL = [
  'SELECT * FROM events',
  'SELECT count(*) AS n FROM events',
  'SELECT 1 AS a, 1 AS a',
  'SELECT NULL',
  'DELETE FROM events',
  'SELECT',
  '',
  "SELECT x'00ff' AS b",
  'SELECT 9223372036854775807 AS n',
  'SELECT 1e999',
  'WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c',
];
const TIMES = [
  1, 1_000_000, 100_000_000, 1_000_000_000, 60_000_000_000, 31_536_000_000_000_000, 9_007_199_254_740_991,
];
const COUNTS = [0, 1, 2, 3, 7, 10, 100];
const LIMITS = [1, 2, 3, 7, 10, 100];

/** What a property of this name may be given, beside what its schema allows. */
export const BY_NAME: Record<string, readonly unknown[]> = {
  bucket: BUCKETS,
  to_bucket: BUCKETS,
  kv_bucket: BUCKETS,
  confirm: BUCKETS,
  key: KEYS,
  keys: KEYS,
  to: [...KEYS, ...NEW_KEYS, ...BUCKETS],
  prefix: ['', 'a', 'a.', 'n', 'missing.'],
  query: ['a', 'a*', '/a.*/', '/(/', 'value:1', 'size>1', 'age<1h', 'ttl>0', '"', '*', 'x'.repeat(200)],
  filter: ['>', '*', 'a.*', 'a.>', '*.b', 'n', '>.a', 'a..b', ' '],
  delimiter: ['.', '/', '-', '::'],
  cursor: ['', 'x', 'e30', 'eyJhIjoxfQ', '../..'],
  destination: [...Array.from({ length: 16 }, () => 'warehouse'), 'file', 'missing', 'none'],
  table: ['events', 'others', 'no such', 'events; DROP TABLE events', ''],
  primary_key_fields: ['event_id', 'id', 'user_id'],
  anonymous_id_node: NODES,
  user_agent_node: NODES,
  timestamp_node: NODES,
  identification_nodes: NODES,
  anonymous_id: ['v1', 'v2', 'v3', ''],
  pointer: POINTERS,
  path: POINTERS,
  from: POINTERS,
  script: SCRIPTS_AND_ENDLESS,
  script_id: [...SCRIPT_IDS, 'missing'],
  release: RELEASES,
  script_release: RELEASES,
  before: RELEASES,
  after: RELEASES,
  version_name: ['stable', 'next', 'stable'],
  namespace: ['t1', 'default'],
  sql: SQL,
  queue: ['q', 'q.two', 'list'],
  id: ['1', 'a', 'missing'],
  holder: ['h1', 'h2', ''],
  name: ['plain', 'past', 'missing', 'gone'],
  domain: ['hub', 'x'],
  src: ['>', 'a.*', '$KV.plain.>', '$KV.*.>', '{{wildcard(1)}}'],
  dest: ['>', 'b.$1', '$KV.past.>', '$JS.API.>', 'b.{{wildcard(1)}}'],
  source: ['>', 'a.>', '$KV.plain.>'],
  value: [
    '',
    '7',
    '-1',
    'text',
    '{"a":1}',
    '[1,2]',
    'AP8=',
    '9007199254740993',
    '\u0000',
    'ü€𝄞',
    { a: { b: 1 }, list: [1], n: 1 },
    [1, { a: 2 }],
    {},
  ],
  metadata: [{}, { team: 'x' }, { 'naïve €': '𝄞' }, { a: '' }],
  content_type: ['text/plain', 'application/json; charset=utf-8', 'x', '\u007f'],
  ndjson: ['{"a":1}\n{"a":2}', '{"a":1}\n\n{', '', '[]', '{"__proto__":{"x":1}}', '\u2028'],
  ttl: TIMES,
  age: TIMES,
  older_than: TIMES,
  lease: TIMES,
  delay: TIMES,
  wait: [0, 1_000_000, 20_000_000, 1_000_000_000],
  wait_ms: [0, 1, 20, 1_000],
  timeout_ms: [1, 20, 200, 1_000],
  revision: COUNTS,
  expected_revision: COUNTS,
  start_seq: COUNTS,
  opt_start_seq: COUNTS,
  limit: LIMITS,
  history: [1, 1, 2, 5, 64],
  num_replicas: [1, 1, 1, 3],
  max_bytes: [-1, 0, 1, 1_000, 1_000_000],
  max_value_size: [-1, 0, 1, 100, 8_388_608],
  created_at: ['2026-01-31T12:00:00.000Z', '0000-01-01T00:00:00Z', 'yesterday'],
  expires_at: ['2026-01-31T12:00:00.000Z', '2999-01-01T00:00:00.000Z', '9999-12-31T23:59:60Z'],
  opt_start_time: ['2026-01-31T12:00:00.000Z', 1_700_000_000_000, 'x'],
};

const NEW_BUCKETS = Array.from({ length: 4 }, (_, i) => `new-${i}`);

/** Each is deleted as soon as it is made. */
const CLONES = Array.from({ length: 8 }, (_, i) => `clone-${i}`);

/** The same for single functions, where what mostly works is another name. */
export const BY_FUNCTION: Record<string, Record<string, readonly unknown[]>> = {
  'kv-bucket-create': { bucket: [...NEW_BUCKETS, ...NEW_BUCKETS, ...NEW_BUCKETS, ...BUCKETS] },
  'kv-bucket-delete': { bucket: [...NEW_BUCKETS, ...NEW_BUCKETS, ...NEW_BUCKETS, 'plain', 'small', 'gone'] },
  'kv-bucket-clone': { to: CLONES },
  'kv-bucket-copy': { bucket: ['plain', 'past', 'coded'], to_bucket: ['small', 'coded', 'past', 'plain'] },
  'kv-key-copy': { key: WRITTEN, to: NEW_KEYS },
  'kv-key-rename': { key: WRITTEN, to: NEW_KEYS },
  'kv-key-patch': { key: ['json', 'json', 'json', 'list', 'text'] },
  'kv-key-touch': { bucket: ['plain', 'past'], key: WRITTEN },
  'kv-key-revert': { bucket: ['past'] },
  'kv-key-history': { bucket: ['past', 'past', 'plain'] },
};

/** Of each the property that is rarely anything else: each new one has a process of its own. */
export const MOSTLY_KNOWN: ReadonlySet<string> = new Set(['namespace', 'script_id']);

/** Properties of which a call takes one: of those that a schema has of a group, mostly one is given. */
export const EITHER: readonly (readonly string[])[] = [
  ['event', 'events', 'ndjson'],
  ['script', 'script_id', 'scripts'],
  ['script_release', 'script_version'],
  ['version', 'release'],
  ['merge', 'patch'],
  ['since', 'since_revision'],
  ['until', 'until_revision'],
  ['at', 'revision', 'delay'],
  ['key', 'filter', 'query'],
  ['filter', 'filters'],
  ['anonymous_id', 'anonymous_id_hash', 'value'],
  ['cursor', 'start_seq'],
];

/** The same for single functions. */
export const EITHER_OF: Record<string, typeof EITHER> = {
  'transform-script-compare': [
    ['after', 'script'],
    ['events', 'ndjson'],
  ],
};

/** Events as `identify` and `transform` take them. */
export const EVENTS: readonly Record<string, unknown>[] = [
  { event_id: '1', anonymous_id: 'v1', user_id: 'u1', n: 1 },
  { event_id: '2', anonymous_id: 'v1', n: 1.5, nested: { a: [1, { b: null }] } },
  { event_id: '3', anonymous_id: 'v2', time: '2026-01-31T12:00:00Z' },
  { event_id: '4', user_id: 7, anonymous_id: 8, text: '\u0000', long: 'x'.repeat(5_000) },
  { event_id: 5, 'odd name "quoted"': true, '': 1, ['__proto__']: { x: 1 } },
  { anonymous_id: 'v3', user_id: '' },
  { event_id: '1', anonymous_id: 'v2', user_id: 'u2', n: 'text now', n_: 2 ** 60 },
  { event_id: '6', anonymous_id: 'v1', time: 'never', 'a b': { 'c.d': '𝄞' } },
  {},
];

/** What breaks programs that trust their input. */
export const ODD: readonly unknown[] = [
  null,
  true,
  '',
  ' ',
  '\u0000',
  '\ud800',
  '🦊'.repeat(50),
  '$KV.>',
  '*',
  '..',
  'x'.repeat(5_000),
  '__proto__',
  'constructor',
  0,
  -0,
  -1,
  1.5,
  2 ** 53,
  2 ** 63,
  -(2 ** 63),
  1e308,
  [],
  [[]],
  [null],
  {},
  { constructor: 1 },
  JSON.parse('{"__proto__": {"a": 1}, "toString": 2}'),
  JSON.parse('{"toString": 1, "valueOf": 2, "toJSON": 3, "then": 4, "length": 1e9}'),
];
