/** One call: a function and its input. */
export type Step = [name: string, input: unknown];

const bucket = 'users';
const put = (key: string, value: unknown, more: object = {}): Step => [
  'kv-key-put',
  { bucket, key, value, ...more },
];
const get = (key: string, more: object = {}): Step => ['kv-key-get', { bucket, key, ...more }];
/** As it comes over a wire: `__proto__` is a name like any other there. */
const odd: unknown = JSON.parse(
  '{"__proto__":{"admin":true},"constructor":1,"toString":"x","":null,"a":{"__proto__":[]}}',
);

/** Calls that every transport makes, each group on what the groups before it left behind. */
export const STEPS: Record<string, Step[]> = {
  'calls that work': [
    ['kv-bucket-create', { bucket, history: 5, description: 'Who is who' }],
    ['kv-bucket-create', { bucket, history: 5, description: 'Who is who' }],
    put('ada', { name: 'Ada', tags: ['a', 1, null, true, 1.5e300] }),
    get('ada'),
    get('ada', { json: true }),
    put('ada', 'text', { expected_revision: 1 }),
    ['kv-key-history', { bucket, key: 'ada' }],
    ['kv-key-list', { bucket }],
    ['kv-bucket-info', { bucket }],
    ['kv-bucket-list', {}],
  ],
  'values of every kind': [
    put('odd', odd),
    get('odd'),
    put('unicode', 'naïve \u0000 \u2028 \ud83d\ude00 \\ " \r\n\t'),
    get('unicode'),
    put('lines', '\n\n'),
    put('bytes', '/wD+', { encoding: 'base64' }),
    get('bytes'),
    put('empty', ''),
    get('empty'),
    put('large', 'é'.repeat(100_000)),
    ['kv-key-get-many', { bucket, keys: ['large', 'bytes', 'none'] }],
  ],
  'inputs that do not fit': [
    ['kv-key-put', {}],
    ['kv-key-put', { bucket: 'no spaces', key: 'a..b', value: 42, ttl: 'soon', extra: 1 }],
    put('n', 42),
    put('n', null),
    ['kv-key-get', JSON.parse('{"bucket":"users","key":"ada","__proto__":{"x":1}}')],
    ['kv-bucket-list', { filter: 'x' }],
    ['kv-key-list', { bucket, limit: 0 }],
    put('b', 'not base64!', { encoding: 'base64' }),
  ],
  'inputs that are no objects': [
    ['kv-key-get', []],
    ['kv-key-get', null],
    ['kv-key-get', 'text'],
    ['kv-key-get', 7],
    ['kv-bucket-list', false],
  ],
  'what is not there': [
    get('none'),
    ['kv-key-get', { bucket: 'none', key: 'k' }],
    ['kv-bucket-info', { bucket: 'none' }],
    ['kv-nothing', { bucket }],
    ['KV-KEY-GET', { bucket, key: 'ada' }],
    ['kv-key-delete', { bucket, key: 'ada' }],
    get('ada'),
  ],
  'conflicts and what is refused': [
    ['kv-bucket-create', { bucket, history: 6 }],
    put('ada', 'late', { expected_revision: 1 }),
    put('text', 'no json'),
    get('text', { json: true }),
    ['kv-key-increment', { bucket, key: 'text' }],
    ['kv-bucket-update', { bucket, storage: 'memory' }],
    ['kv-bucket-delete', { bucket, confirm: 'other' }],
    [
      'kv-key-put-many',
      {
        bucket,
        items: [
          { key: 'm1', value: '1' },
          { key: 'm2', value: '2', expected_revision: 9 },
        ],
      },
    ],
  ],
};
