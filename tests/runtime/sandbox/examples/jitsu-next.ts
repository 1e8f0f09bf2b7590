import type { Example } from './example.ts';

const page = {
  type: 'page',
  messageId: 'm1',
  context: { page: { url: 'https://example.com/a?utm_source=x' }, ip: '10.1.2.3' },
};
const track = {
  type: 'track',
  event: 'purchase',
  messageId: 'm2',
  properties: {
    products: [
      { id: 'p1', price: 10 },
      { id: 'p2', price: 5 },
    ],
  },
};
const identify = {
  type: 'identify',
  messageId: 'm3',
  userId: 'u1',
  traits: { email: 'Ada@Example.com', name: 'Ada Lovelace', phone: '+49 30 123' },
};

/** Jitsu Next: functions of a connection. */
export const JITSU_NEXT: Example[] = [
  {
    what: 'the event is returned as it is',
    script: 'export default async function(event, context) { return event }',
    event: page,
    made: [page],
  },
  {
    what: 'nothing returned leaves the event',
    script: 'export default async function(event) { event.lost = 1 }',
    event: { n: 1 },
    made: [{ n: 1 }],
  },
  {
    what: 'return without a value leaves it too',
    script: 'export default async function(event) { if (event.type !== "track") return; return "drop" }',
    event: page,
    made: [page],
  },
  {
    what: '"drop" drops',
    script: 'export default async function(event) { return "drop" }',
    event: page,
    made: [],
  },
  {
    what: 'null drops',
    script: 'export default async function(event) { return null }',
    event: page,
    made: [],
  },
  {
    what: 'false drops',
    script: 'export default async function(event) { return false }',
    event: page,
    made: [],
  },
  {
    what: 'an empty list drops',
    script: 'export default async function(event) { return [] }',
    event: page,
    made: [],
  },
  {
    what: 'only page views pass',
    script:
      'export default async function(event) { if (event.type !== "page") return "drop"\n return event }',
    event: [page, track],
    made: [page],
  },
  {
    what: 'an object replaces the event',
    script: 'export default async function(event) { return { id: event.messageId } }',
    event: page,
    made: [{ id: 'm1' }],
  },
  {
    what: 'a field is added',
    script:
      'export default async function(event) { event.properties = { ...event.properties, plan: "free" }\n return event }',
    event: { properties: { a: 1 } },
    made: [{ properties: { a: 1, plan: 'free' } }],
  },
  {
    what: 'a field is removed',
    script: 'export default async function(event) { delete event.context.ip\n return event }',
    event: { context: { ip: '1.2.3.4', locale: 'de' } },
    made: [{ context: { locale: 'de' } }],
  },
  {
    what: 'a field is renamed',
    script: 'export default async ({ user_id, ...rest }) => ({ ...rest, userId: user_id })',
    event: { user_id: 'u', n: 1 },
    made: [{ n: 1, userId: 'u' }],
  },
  {
    what: 'one purchase becomes an event for each product',
    script: `export default async function(event, { log, fetch }) {
      if (event.event == "purchase" && event.properties?.products?.length > 0) {
        let results = []
        for (const product of event.properties.products) {
          results.push({ event_type: "purchase", product_id: product.id, price: product.price })
        }
        return results
      }
    }`,
    event: [track, page],
    made: [
      { event_type: 'purchase', product_id: 'p1', price: 10 },
      { event_type: 'purchase', product_id: 'p2', price: 5 },
      page,
    ],
  },
  {
    what: 'the table is chosen by the event',
    script: 'export default async (event) => ({ ...event, JITSU_TABLE_NAME: event.type + "s" })',
    event: { type: 'page' },
    made: [{ type: 'page', JITSU_TABLE_NAME: 'pages' }],
  },
  {
    what: 'copies go to two tables',
    script:
      'export default async (event) => [{ ...event, JITSU_TABLE_NAME: "all" }, { ...event, JITSU_TABLE_NAME: event.type }]',
    event: { type: 'page' },
    made: [
      { type: 'page', JITSU_TABLE_NAME: 'all' },
      { type: 'page', JITSU_TABLE_NAME: 'page' },
    ],
  },
  {
    what: 'the type of a column is said',
    script: 'export default async event => ({ ...event, __sql_type_price: "numeric(38,18)" })',
    event: { price: 1 },
    made: [{ price: 1, __sql_type_price: 'numeric(38,18)' }],
  },
  {
    what: 'log.info',
    script: 'export default async (event, { log }) => { log.info("Hello, %s", event.n); return event }',
    event: { n: 1 },
    made: [{ n: 1 }],
    logs: ['Hello, 1'],
  },
  {
    what: 'log.warn and log.error',
    script:
      'export default async (event, { log }) => { log.warn("w"); log.error("e", new Error("x").message); log.debug("d"); return event }',
    event: {},
    made: [{}],
    logs: ['w', 'e x', 'd'],
  },
  {
    what: 'console is the log',
    script: 'export default async event => { console.log("a", { b: 1 }); console.error("c"); return event }',
    event: {},
    made: [{}],
    logs: ['a { b: 1 }', 'c'],
  },
  {
    what: 'props are settings',
    script: 'export default async (event, { props }) => ({ ...event, region: props.region })',
    event: {},
    variables: { props: { region: 'eu' } },
    made: [{ region: 'eu' }],
  },
  {
    what: 'the source and the destination are known',
    script:
      'export default async (event, { source, destination }) => ({ s: source.id, t: source.type, d: destination.id, k: destination.type })',
    event: {},
    variables: { source: { id: 's1', type: 'browser' }, destinationId: 'd1', destinationType: 'postgres' },
    made: [{ s: 's1', t: 'browser', d: 'd1', k: 'postgres' }],
  },
  {
    what: 'headers of the request',
    script:
      'export default async (event, { headers }) => ({ host: headers.host, ua: headers["user-agent"] })',
    event: { __HTTP_CONTEXT__: { headers: { host: 'a.test', 'user-agent': 'UA' } } },
    made: [{ host: 'a.test', ua: 'UA' }],
  },
  {
    what: 'the country of the visitor',
    script: 'export default async (event, { geo }) => ({ ...event, country: geo?.country?.code })',
    event: {},
    variables: { geo: { country: { code: 'DE' } } },
    made: [{ country: 'DE' }],
  },
  {
    what: 'the browser of the visitor',
    script: 'export default async (event, { ua }) => ({ browser: ua?.browser?.name })',
    event: {},
    variables: { ua: { browser: { name: 'Firefox' } } },
    made: [{ browser: 'Firefox' }],
  },
  {
    what: 'everything else of the context',
    script:
      'export default async (event, { log, fetch, store, ...rest }) => ({ has: "destination" in rest && "props" in rest })',
    event: {},
    made: [{ has: true }],
  },
  {
    what: 'store.get of what is not there',
    script: 'export default async (event, { store }) => ({ found: (await store.get("none")) === undefined })',
    event: {},
    made: [{ found: true }],
  },
  {
    what: 'store.set and store.get',
    script:
      'export default async (event, { store }) => { await store.set("k", { n: 1 }); return await store.get("k") }',
    event: {},
    made: [{ n: 1 }],
  },
  {
    what: 'a counter of visits',
    script:
      'export default async (event, { store }) => { const n = ((await store.get(event.userId)) ?? 0) + 1; await store.set(event.userId, n); return { ...event, visits: n } }',
    event: [{ userId: 'u' }, { userId: 'u' }],
    store: { u: 4 },
    made: [
      { userId: 'u', visits: 5 },
      { userId: 'u', visits: 6 },
    ],
  },
  {
    what: 'store.set with seconds',
    script:
      'export default async (event, { store }) => { await store.set("k", 1, 120); return { ttl: await store.ttl("k") } }',
    event: {},
    made: [{ ttl: 120 }],
  },
  {
    what: 'store.set with a duration',
    script:
      'export default async (event, { store }) => { await store.set("k", 1, "7d"); return { ttl: await store.ttl("k") } }',
    event: {},
    made: [{ ttl: 604_800 }],
  },
  {
    what: 'store.set for good, as "inf"',
    script:
      'export default async (event, { store }) => { await store.set("k", 1, "inf"); return { ttl: await store.ttl("k") } }',
    event: {},
    made: [{ ttl: -1 }],
  },
  {
    what: 'store.set for good, as -1',
    script:
      'export default async (event, { store }) => { await store.set("k", 1, -1); return { ttl: await store.ttl("k") } }',
    event: {},
    made: [{ ttl: -1 }],
  },
  {
    what: 'the ttl is 31 days unless it is said',
    script:
      'export default async (event, { store }) => { await store.set("k", 1); return { ttl: await store.ttl("k") } }',
    event: {},
    made: [{ ttl: 2_678_400 }],
  },
  {
    what: 'the ttl of nothing is -2',
    script: 'export default async (event, { store }) => ({ ttl: await store.ttl("none") })',
    event: {},
    made: [{ ttl: -2 }],
  },
  {
    what: 'store.del',
    script:
      'export default async (event, { store }) => { await store.del("k"); return { gone: (await store.get("k")) === undefined } }',
    event: {},
    store: { k: 1 },
    made: [{ gone: true }],
  },
  {
    what: 'store.getWithTTL',
    script:
      'export default async (event, { store }) => { await store.set("k", "v", { ttl: 60 }); return await store.getWithTTL("k") }',
    event: {},
    made: [{ value: 'v', ttl: 60 }],
  },
  {
    what: 'store.getOrSet',
    script:
      'export default async (event, { store }) => ({ a: await store.getOrSet("k", 1), b: await store.getOrSet("k", 2) })',
    event: {},
    made: [{ a: 1, b: 1 }],
  },
  {
    what: 'keys are prefixed by the destination',
    script:
      'export default async (event, { store, destination }) => { await store.set(destination.id + ":seen", true); return { seen: await store.get(destination.id + ":seen") } }',
    event: {},
    variables: { destinationId: 'd1' },
    made: [{ seen: true }],
  },
  {
    what: 'the store is a global too',
    script:
      'export default async function(event, context) { await store.set(context.destination.id + ":k", "v"); return { v: await store.get("d:k") } }',
    event: {},
    variables: { destinationId: 'd' },
    made: [{ v: 'v' }],
  },
  {
    what: 'an event is seen once',
    script:
      'export default async (event, { store }) => { if (await store.get("seen:" + event.messageId)) return "drop"; await store.set("seen:" + event.messageId, true, "1d"); return event }',
    event: [{ messageId: 'a' }, { messageId: 'a' }, { messageId: 'b' }],
    made: [{ messageId: 'a' }, { messageId: 'b' }],
  },
  {
    what: 'a visitor gets the user that logged in',
    script:
      'export default async (event, { store }) => { const key = "user:" + event.anonymousId; if (event.userId) await store.set(key, event.userId); else event.userId = await store.get(key); return event }',
    event: [{ anonymousId: 'a', userId: 'u' }, { anonymousId: 'a' }],
    made: [
      { anonymousId: 'a', userId: 'u' },
      { anonymousId: 'a', userId: 'u' },
    ],
  },
  {
    what: 'fetch and JSON',
    script:
      'export default async function(event, { log, fetch, store }) { const response = await fetch("https://api.test/u"); if (response.ok) { const json = await response.json(); event.company = json.company }\n return event }',
    event: { n: 1 },
    fetched: { company: 'ACME' },
    made: [{ n: 1, company: 'ACME' }],
  },
  {
    what: 'fetch with a body',
    script:
      'export default async (event, { fetch }) => { const r = await fetch("https://api.test/", { method: "POST", body: JSON.stringify(event), headers: { "Content-Type": "application/json" } }); return { status: r.status, text: await r.text() } }',
    event: { n: 1 },
    fetched: { ok: 1 },
    made: [{ status: 200, text: '{"ok":1}' }],
  },
  {
    what: 'what was fetched is remembered',
    script:
      'export default async (event, { fetch, store }) => { let rate = await store.get("rate"); if (!rate) { rate = (await (await fetch("https://api.test/")).json()).rate; await store.set("rate", rate, "1h") }\n return { rate } }',
    event: [{}, {}],
    fetched: { rate: 1.5 },
    made: [{ rate: 1.5 }, { rate: 1.5 }],
  },
  {
    what: 'an error fails the event',
    script: 'export default async event => { throw new Error("broken") }',
    event: {},
    fails: 'Error: broken',
  },
  {
    what: 'RetryError by its import',
    script:
      'import { RetryError } from "@jitsu/functions-lib"\nexport default async event => { throw new RetryError("later") }',
    event: {},
    fails: 'RetryError: later',
  },
  {
    what: 'RetryError that drops',
    script:
      'import { RetryError } from "@jitsu/functions-lib"\nexport default async event => { throw new RetryError("later", { drop: true }) }',
    event: {},
    made: [],
  },
  {
    what: 'RetryError as a global',
    script: 'export default async event => { throw new RetryError("again") }',
    event: {},
    fails: 'RetryError: again',
  },
  {
    what: 'NoRetryError',
    script: 'export default async event => { throw new NoRetryError("for good") }',
    event: {},
    fails: 'NoRetryError: for good',
  },
  {
    what: 'a const that is exported',
    script:
      'export const config = { slug: "udf", name: "A" }\nconst udf = async (event, { props }) => { event.p = props.p; return event }\nexport default udf',
    event: {},
    variables: { props: { p: 'x' } },
    made: [{ p: 'x' }],
  },
  {
    what: 'helpers beside it',
    script:
      'const clean = s => s.trim().toLowerCase()\nexport default async event => ({ ...event, email: clean(event.email) })',
    event: { email: ' Ada@X.org ' },
    made: [{ email: 'ada@x.org' }],
  },
  {
    what: 'types are taken out',
    script:
      'type E = { n: number }\nexport default async function transform(event: E, ctx: any): Promise<E> { return { n: event.n * 2 } as E }',
    event: { n: 2 },
    made: [{ n: 4 }],
  },
  {
    what: 'an email is hashed',
    script:
      'import { createHash } from "crypto"\nexport default async event => ({ email: createHash("sha256").update(event.email.toLowerCase()).digest("hex").slice(0, 8) })',
    event: { email: 'A@b.c' },
    made: [{ email: 'd648b243' }],
  },
  {
    what: 'a random id',
    script: 'export default async event => ({ ok: /^[0-9a-f-]{36}$/.test(crypto.randomUUID()) })',
    event: {},
    made: [{ ok: true }],
  },
  {
    what: 'robots are dropped',
    script:
      'export default async event => /bot|crawl|spider/i.test(event.context.userAgent) ? "drop" : event',
    event: [{ context: { userAgent: 'Googlebot/2.1' } }, { context: { userAgent: 'Firefox' } }],
    made: [{ context: { userAgent: 'Firefox' } }],
  },
  {
    what: 'internal users are dropped',
    script: 'export default async event => event.traits?.email?.endsWith("@example.com") ? "drop" : event',
    event: [{ traits: { email: 'a@example.com' } }, { traits: { email: 'a@b.c' } }],
    made: [{ traits: { email: 'a@b.c' } }],
  },
  {
    what: 'utm parameters of the URL',
    script:
      'export default async event => { const u = new URL(event.context.page.url); return { utm: Object.fromEntries([...u.searchParams].filter(([k]) => k.startsWith("utm_"))) } }',
    event: page,
    made: [{ utm: { utm_source: 'x' } }],
  },
  {
    what: 'personal data is removed',
    script:
      'export default async event => { const { phone, ...traits } = event.traits; return { ...event, traits } }',
    event: identify,
    made: [{ ...identify, traits: { email: 'Ada@Example.com', name: 'Ada Lovelace' } }],
  },
  {
    what: 'the last part of an IP is cut',
    script: 'export default async event => ({ ip: event.context.ip.replace(/\\.\\d+$/, ".0") })',
    event: page,
    made: [{ ip: '10.1.2.0' }],
  },
  {
    what: 'names are split',
    script:
      'export default async event => { const [first, ...rest] = event.traits.name.split(" "); return { first, last: rest.join(" ") } }',
    event: identify,
    made: [{ first: 'Ada', last: 'Lovelace' }],
  },
];
