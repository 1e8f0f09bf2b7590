/** What scripts written for Jitsu Classic count on, case by case; where kvflow decided otherwise, the name says so. */
import { afterAll, expect, test } from '@jest/globals';
import { openSandbox, runner, single } from './support.ts';

const sandbox = openSandbox({ maxPerNamespace: 1 });
const run = runner(sandbox);
afterAll(() => sandbox.close());

type Row = [what: string, script: string, event: object, made: unknown];
const ERROR = (message: string) => ({ code: 'SCRIPT_ERROR', message: expect.stringContaining(message) });
const VISIT = {
  event_type: 'pageview',
  source_ip: '1.2.3.4',
  app: 'shop',
  eventn_ctx: {
    event_id: 'e1',
    user: { id: 'U1', internal_id: 'I1', anonymous_id: 'A1', email: 'a@b.c' },
    utm: { campaign: 'spring', source: 'mail', medium: 'm', term: 't', content: 'c' },
    click_id: { gclid: 'g1', dclid: 'd1' },
    conversion: {
      transaction_id: 't1',
      affiliation: 'af',
      revenue: 9.5,
      shipping: 2,
      tt: 1,
      currency: 'EUR',
    },
    parsed_ua: {
      os_family: 'Linux',
      os_version: '6',
      device_brand: 'Dell',
      device_family: 'XPS',
      device_model: '13',
    },
    location: { country: 'DE', region: 'BE', city: 'Berlin', latitude: 52.5, longitude: 13.4 },
    user_agent: 'Firefox',
    user_language: 'de',
    url: 'https://shop.example/a?b=c',
    doc_host: 'shop.example',
    doc_path: '/a',
    doc_search: '?b=c',
    doc_encoding: 'UTF-8',
    page_title: 'A',
    referer: 'https://search.example/',
    screen_resolution: '10x10',
    vp_size: '5x5',
    utc_time: '2026-01-02T03:04:05Z',
    local_tz_offset: 60,
  },
};
const SENT = {
  event_type: 'identify',
  src_payload: {
    name: 'Signed up',
    obj: {
      userId: 'P1',
      anonymousId: 'PA1',
      messageId: 'm1',
      timestamp: '2026-01-02T03:04:05Z',
      sentAt: '2026-01-02T03:04:06Z',
      traits: { name: 'Ada', email: 'ada@example.org' },
      context: {
        library: { name: 'js', version: '1' },
        locale: 'en',
        page: { title: 'T', url: 'u', path: 'p', search: 's', referrer: 'r', userAgent: 'ua' },
      },
    },
  },
};
const headers = (values: Record<string, unknown>) => ({ __HTTP_CONTEXT__: { headers: values } });

const LANGUAGE: Row[] = [
  ['the event by its first name', 'return $', { a: 1 }, { a: 1 }],
  ['the event by its second name', 'return _', { a: 1 }, { a: 1 }],
  ['the event by its third name', 'return event', { a: 1 }, { a: 1 }],
  ['all names are one object', '_.b = 1; event.c = 2; return $', { a: 1 }, { a: 1, b: 1, c: 2 }],
  ['a name may be given away', 'const event = { mine: true }; return event', {}, { mine: true }],
  ['an expression', '({ sum: $.a + _.b })', { a: 1, b: 2 }, { sum: 3 }],
  ['an object literal is an expression', '{ a: $.a }', { a: 1 }, { a: 1 }],
  ['an expression that ends with semicolons', '({ a: 1 });;', {}, { a: 1 }],
  ['an expression over several lines', '\n({\n a: 1\n})\n', {}, { a: 1 }],
  ['a missing field skips', '$.user?.email', {}, undefined],
  ['null skips', 'return null', {}, undefined],
  ['false skips', 'return false', {}, undefined],
  ['the empty text skips', 'return ""', {}, undefined],
  ['an empty list skips', 'return []', {}, undefined],
  ['a conditional', '$.a > 1 ? $ : null', { a: 2 }, { a: 2 }],
  ['a conditional that skips', '$.a > 1 ? $ : null', { a: 1 }, undefined],
  ['if without else skips', 'if ($.a) return $', {}, undefined],
  [
    'a switch',
    'switch ($.t) { case 1: return { one: 1 }; default: return { other: 1 } }',
    { t: 1 },
    { one: 1 },
  ],
  ['spread', 'return { ...$, b: 2 }', { a: 1 }, { a: 1, b: 2 }],
  ['a deleted field', 'delete $.a; return $', { a: 1, b: 1 }, { b: 1 }],
  ['a field that is undefined is left out', 'return { a: undefined, b: 1 }', {}, { b: 1 }],
  ['a date becomes text', 'return { d: new Date(0) }', {}, { d: '1970-01-01T00:00:00.000Z' }],
  ['optional chaining and defaults', 'return { a: $.x?.y ?? "none" }', {}, { a: 'none' }],
  ['a template', 'return { t: `$' + '{$.a}-$' + '{$.b}` }', { a: 1, b: 2 }, { t: '1-2' }],
  ['a function of its own', 'function f(x) { return x * 2 }\nreturn { a: f($.a) }', { a: 2 }, { a: 4 }],
  ['a variable without a declaration', 'total = $.a + 1; return { total }', { a: 1 }, { total: 2 }],
  ['await', 'const a = await Promise.resolve($.a); return { a }', { a: 1 }, { a: 1 }],
  ['an immediately called function', '(() => { return { a: 1 } })()', {}, { a: 1 }],
  ['a comment at the end', 'return { a: 1 } // done', {}, { a: 1 }],
  ['a regular expression', 'return { m: /b+/.exec($.a)[0] }', { a: 'abbc' }, { m: 'bb' }],
  ['no fetch in an expression', '({ f: typeof fetch })', {}, { f: 'undefined' }],
  [
    'the place of an error',
    'const a = 1\nthrow new Error("123")\nreturn a',
    {},
    { ...ERROR('123'), stack: '  at main (2:7)' },
  ],
  ['a text is no event: by decision an error, not a value', 'return "text"', {}, ERROR('a string')],
  ['a number is no event: by decision an error', '({}).a ?? 3', {}, ERROR('a number')],
  ['TABLE_NAME', 'return { [TABLE_NAME]: "t" }', {}, { JITSU_TABLE_NAME: 't' }],
  [
    'TABLE_NAME beside the event',
    'return { ...$, [TABLE_NAME]: $.event_type }',
    { event_type: 'x' },
    { event_type: 'x', JITSU_TABLE_NAME: 'x' },
  ],
  ['TABLE_NAME as a name of its own', 'TABLE_NAME = "mine"; return { t: TABLE_NAME }', {}, { t: 'mine' }],
  [
    'a preset as a name of its own',
    'function toSegment() { return { own: 1 } }\nreturn toSegment($)',
    {},
    { own: 1 },
  ],
  [
    'the time zone is UTC',
    'return { h: new Date(0).getHours(), t: new Date(2024, 0, 1) }',
    {},
    { h: 0, t: '2024-01-01T00:00:00.000Z' },
  ],
  [
    'the time zone by its name',
    'return { z: new Intl.DateTimeFormat().resolvedOptions().timeZone.replace("Etc/", "") }',
    {},
    { z: 'UTC' },
  ],
];

const HEADERS: Row[] = [
  [
    'a header',
    'return { h: $context.header("content-type") }',
    headers({ 'content-type': ['application/json'] }),
    { h: 'application/json' },
  ],
  ['the first of several', 'return { h: $context.header("x") }', headers({ x: ['1', '2'] }), { h: '1' }],
  [
    'its name in another case',
    'return { h: $context.header("X-One") }',
    headers({ 'x-one': ['1'] }),
    { h: '1' },
  ],
  [
    'stored in another case',
    'return { h: $context.header("x-one") }',
    headers({ 'X-One': ['1'] }),
    { h: '1' },
  ],
  ['a text as it is', 'return { h: $context.header("x") }', headers({ x: 'one' }), { h: 'one' }],
  [
    'an empty list is none',
    'return { none: $context.header("x") === undefined }',
    headers({ x: [] }),
    { none: true },
  ],
  ['no such header', 'return { none: $context.header("x") === undefined }', headers({}), { none: true }],
  ['no headers at all', 'return { none: $context.header("x") === undefined }', {}, { none: true }],
  [
    'compared with a text',
    'return { same: $context.header("x") === "a" }',
    headers({ x: ['a'] }),
    { same: true },
  ],
];

const PRESETS: Row[] = [
  [
    'toSegment: a page',
    'return { t: toSegment($).JITSU_TABLE_NAME }',
    { event_type: 'page' },
    { t: 'pages' },
  ],
  [
    'toSegment: a page view',
    'return { t: toSegment($).JITSU_TABLE_NAME }',
    { event_type: 'pageview' },
    { t: 'pages' },
  ],
  [
    'toSegment: identify',
    'return { t: toSegment($).JITSU_TABLE_NAME }',
    { event_type: 'identify' },
    { t: 'identifies' },
  ],
  [
    'toSegment: user_identify',
    'return { t: toSegment($).JITSU_TABLE_NAME }',
    { event_type: 'user_identify' },
    { t: 'identifies' },
  ],
  [
    'toSegment: any other',
    'return { t: toSegment($).JITSU_TABLE_NAME }',
    { event_type: 'bought' },
    { t: 'bought' },
  ],
  ['toSegment: user.id', 'return { u: toSegment($).user_id }', { user: { id: 'U1' } }, { u: 'U1' }],
  ['toSegment: user.id before internal_id', 'return { u: toSegment($).user_id }', VISIT, { u: 'U1' }],
  [
    'toSegment: internal_id',
    'return { u: toSegment($).user_id }',
    { user: { internal_id: 'I1' } },
    { u: 'I1' },
  ],
  ['toSegment: the payload’s userId last', 'return { u: toSegment($).user_id }', SENT, { u: 'P1' }],
  ['toSegment: the name of the call first', 'return { n: toSegment($).name }', SENT, { n: 'Signed up' }],
  [
    'toSegment: then that of the traits',
    'return { n: toSegment({ src_payload: { obj: { traits: { name: "Ada" } } } }).name }',
    {},
    { n: 'Ada' },
  ],
  [
    'toSegment: dates',
    'const { timestamp, sent_at } = toSegment($); return { timestamp, sent_at }',
    SENT,
    { timestamp: '2026-01-02T03:04:05.000Z', sent_at: '2026-01-02T03:04:06.000Z' },
  ],
  [
    'toSegment: extended',
    'return { ...toSegment($), x: 1 }',
    VISIT,
    expect.objectContaining({ x: 1, anonymous_id: 'A1', email: 'a@b.c', context_ip: '1.2.3.4', path: '/a' }),
  ],
  [
    'toSegment: the library',
    'const { context_library_name: n, context_library_version: v } = toSegment($); return { n, v }',
    SENT,
    { n: 'js', v: '1' },
  ],
  [
    'toGoogleAnalytics: a visit',
    'return toGoogleAnalytics($)',
    VISIT,
    {
      t: 'pageview',
      aip: 0,
      ds: 'jitsu',
      cid: 'A1',
      uid: 'U1',
      ua: 'Firefox',
      uip: '1.2.3.4',
      dr: 'https://search.example/',
      cn: 'spring',
      cs: 'mail',
      cm: 'm',
      ck: 't',
      cc: 'c',
      gclid: 'g1',
      dclid: 'd1',
      sr: '10x10',
      vp: '5x5',
      de: 'UTF-8',
      dl: 'https://shop.example/a?b=c',
      dh: 'shop.example',
      dp: '/a',
      dt: 'A',
      ul: 'de',
      ti: 't1',
      ta: 'af',
      tr: 9.5,
      ts: 2,
      tt: 1,
    },
  ],
  [
    'toGoogleAnalytics: fields at the top, and a zero',
    'return toGoogleAnalytics($)',
    { event_type: 'conversion', user: { id: 1 }, conversion: { revenue: 0 } },
    { t: 'conversion', aip: 0, ds: 'jitsu', uid: 1, tr: 0 },
  ],
  [
    'toGoogleAnalytics: extended',
    'return { ...toGoogleAnalytics($), x: 1 }',
    { event_type: 'e' },
    { t: 'e', aip: 0, ds: 'jitsu', x: 1 },
  ],
  [
    'toFacebook',
    'return toFacebook($)',
    VISIT,
    {
      event_name: 'pageview',
      event_id: 'e1',
      event_source_url: 'https://shop.example/a?b=c',
      user_data: { client_ip_address: '1.2.3.4', em: 'a@b.c', client_user_agent: 'Firefox' },
      custom_data: { currency: 'EUR', value: 9.5 },
    },
  ],
  [
    'toFacebook: fields at the top',
    'return toFacebook($)',
    { event_type: 'e', eventn_ctx_event_id: 'x', currency: 'USD', revenue: 3 },
    { event_name: 'e', event_id: 'x', user_data: {}, custom_data: { currency: 'USD', value: 3 } },
  ],
  [
    'toAmplitude',
    'return toAmplitude($)',
    VISIT,
    {
      user_id: 'a@b.c',
      device_id: 'A1',
      event_type: 'pageview',
      os_name: 'Linux',
      os_version: '6',
      device_brand: 'Dell',
      device_manufacturer: 'XPS',
      device_model: '13',
      country: 'DE',
      region: 'BE',
      city: 'Berlin',
      language: 'de',
      location_lat: 52.5,
      location_lng: 13.4,
      ip: '1.2.3.4',
      insert_id: 'e1',
      user_agent: 'Firefox',
      event_properties: {
        url: 'https://shop.example/a?b=c',
        utm: VISIT.eventn_ctx.utm,
        click_id: VISIT.eventn_ctx.click_id,
        host: 'shop.example',
        path: '/a',
        search: '?b=c',
        app: 'shop',
        referrer: 'https://search.example/',
        title: 'A',
        user_agent: 'Firefox',
        local_tz_offset: 60,
      },
    },
  ],
  [
    'toAmplitude: nothing known',
    'return toAmplitude($)',
    { event_type: 'e' },
    { event_type: 'e', event_properties: { utm: {} } },
  ],
];

test.each([...LANGUAGE, ...HEADERS, ...PRESETS])('Jitsu Classic - %s', async (_, script, event, made) => {
  expect(single(await run(script, [event]))).toEqual(made);
});

test('Jitsu Classic - variables are globals, one named event too', async () => {
  const variables = { test_value: 10, event: { mine: 1 } };
  expect(single(await run('return { v: test_value, e: event.mine }', [{}], { variables }))).toEqual({
    v: 10,
    e: 1,
  });
});

test('Jitsu Classic - several events of one, in order', async () => {
  const { results } = await run('return [{ n: 1 }, null, { n: 2 }]', [{}]);
  expect(results[0]?.events).toEqual([{ n: 1 }, { n: 2 }]);
});

test('Jitsu Classic - by decision a script without return runs, skips, and says so in a warning', async () => {
  const { results, warnings } = await run('$.a = 1;\n$.b = 2;', [{}, {}]);
  expect(results.map(({ outcome }) => outcome)).toEqual(['skipped', 'skipped']);
  expect(warnings).toEqual([expect.stringContaining('no return')]);
  for (const meant of ['return null', '$.gone', 'if ($.a) return $'])
    expect((await run(meant)).warnings).toEqual([]);
});

test('Jitsu Classic - another time zone is a setting', async () => {
  await using there = openSandbox({ timeZone: 'Asia/Tokyo' });
  expect(single(await runner(there)('return { h: new Date(0).getHours() }'))).toEqual({ h: 9 });
});
