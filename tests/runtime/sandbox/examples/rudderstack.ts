import type { Example } from './example.ts';

const order = {
  type: 'track',
  event: 'Order Completed',
  messageId: 'm1',
  properties: {
    email: 'ada@example.com',
    revenue: '12.50',
    products: [
      { id: 'p1', qty: 2 },
      { id: 'p2', qty: 1 },
    ],
  },
};
const UA =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36';

/** RudderStack: transformations. */
export const RUDDERSTACK: Example[] = [
  {
    what: 'the template',
    script: 'export function transformEvent(event, metadata) { return event; }',
    event: order,
    made: [order],
  },
  {
    what: 'nothing returned drops',
    script: 'export function transformEvent(event) { if (event.type === "page") return; return event }',
    event: [{ type: 'page' }, { type: 'track' }],
    made: [{ type: 'track' }],
  },
  {
    what: 'null drops',
    script: 'export function transformEvent(event) { return null }',
    event: order,
    made: [],
  },
  {
    what: 'several events of one',
    script:
      'export function transformEvent(event) { return event.properties.products.map(p => ({ ...p, event: "Product" })) }',
    event: order,
    made: [
      { id: 'p1', qty: 2, event: 'Product' },
      { id: 'p2', qty: 1, event: 'Product' },
    ],
  },
  {
    what: 'async',
    script:
      'export async function transformEvent(event) { await Promise.resolve(); event.ok = true; return event }',
    event: {},
    made: [{ ok: true }],
  },
  {
    what: 'the whole system is Android',
    script:
      'export function transformEvent(event, metadata) { event.context.os = { name: "Android" }; return event }',
    event: { context: { os: { name: 'iOS' } } },
    made: [{ context: { os: { name: 'Android' } } }],
  },
  {
    what: 'metadata: the source',
    script:
      'export function transformEvent(event, metadata) { const meta = metadata(event); event.sourceId = meta.sourceId; return event }',
    event: {},
    variables: { sourceId: 's1' },
    made: [{ sourceId: 's1' }],
  },
  {
    what: 'metadata: the destination',
    script:
      'export function transformEvent(event, metadata) { const { destinationId, destinationType } = metadata(event); return { destinationId, destinationType } }',
    event: {},
    variables: { destinationId: 'd1', destinationType: 'SNOWFLAKE' },
    made: [{ destinationId: 'd1', destinationType: 'SNOWFLAKE' }],
  },
  {
    what: 'metadata: the message',
    script: 'export function transformEvent(event, metadata) { return { id: metadata(event).messageId } }',
    event: order,
    made: [{ id: 'm1' }],
  },
  {
    what: 'metadata: names',
    script: 'export function transformEvent(event, metadata) { return { name: metadata(event).sourceName } }',
    event: {},
    variables: { metadata: { sourceName: 'JavaScript-QA' } },
    made: [{ name: 'JavaScript-QA' }],
  },
  {
    what: 'by source, events are dropped',
    script:
      'export function transformEvent(event, metadata) { if (metadata(event).sourceId === "s1") return; return event }',
    event: {},
    variables: { sourceId: 's1' },
    made: [],
  },
  {
    what: 'log',
    script:
      'export function transformEvent(event, metadata) { log("Event Name is", event.event, ";", "Message ID is", event.messageId); return event }',
    event: order,
    made: [order],
    logs: ['Event Name is Order Completed ; Message ID is m1'],
  },
  {
    what: 'log of an object and a number',
    script: 'export function transformEvent(event) { log({ a: 1 }, 2); return event }',
    event: {},
    made: [{}],
    logs: ['{ a: 1 } 2'],
  },
  {
    what: 'fetch answers JSON',
    script:
      'export async function transformEvent(event) { const res = await fetch("https://api.test/" + event.ip); event.city = res.city; return event }',
    event: { ip: '8.8.8.8' },
    fetched: { city: 'Berlin' },
    made: [{ ip: '8.8.8.8', city: 'Berlin' }],
  },
  {
    what: 'fetchV2 answers what came with it',
    script:
      'export async function transformEvent(event) { const res = await fetchV2("https://api.test/"); return { status: res.status, city: res.body.city } }',
    event: {},
    fetched: { city: 'Berlin' },
    made: [{ status: 200, city: 'Berlin' }],
  },
  {
    what: 'fetchV2 with a catch',
    script:
      'export async function transformEvent(event) { try { const res = await fetchV2("https://api.test/", { method: "POST", headers: { Authorization: "Bearer x" }, body: JSON.stringify({ a: 1 }) }); event.s = res.status } catch (err) { log(err.message) } return event }',
    event: {},
    fetched: {},
    made: [{ s: 200 }],
  },
  {
    what: 'getCredential',
    script:
      'export function transformEvent(event) { const key = getCredential("key1"); event.length = key.length; return event }',
    event: {},
    secrets: { key1: 'abcdef' },
    made: [{ length: 6 }],
  },
  {
    what: 'a credential that is not there',
    script: 'export function transformEvent(event) { return { none: getCredential("none") === undefined } }',
    event: {},
    made: [{ none: true }],
  },
  {
    what: 'geolocation',
    script:
      'export async function transformEvent(event) { event.geo = (await geolocation(event.context.ip)).country; return event }',
    event: { context: { ip: '8.8.8.8' } },
    variables: { geo: { country: 'US' } },
    made: [{ context: { ip: '8.8.8.8' }, geo: 'US' }],
  },
  {
    what: 'a batch as it is',
    script: 'export function transformBatch(events, metadata) { return events; }',
    event: [{ messageId: 'a' }, { messageId: 'b' }],
    made: [{ messageId: 'a' }, { messageId: 'b' }],
  },
  {
    what: 'a batch without some names',
    script:
      'export function transformBatch(events) { const names = ["game_load_time", "lobby_fps"]; return events.filter(e => !(e.event && names.includes(e.event))) }',
    event: [{ event: 'lobby_fps' }, { event: 'spin' }],
    made: [{ event: 'spin' }],
  },
  {
    what: 'values of a batch are added up',
    script:
      'export function transformBatch(events) { const spins = events.filter(e => e.event === "spin"); const sum = spins.reduce((s, e) => s + e.properties.bet, 0); return [...events.filter(e => e.event !== "spin"), { ...spins[0], properties: { bet: sum } }] }',
    event: [
      { event: 'spin', properties: { bet: 2 } },
      { event: 'login' },
      { event: 'spin', properties: { bet: 3 } },
    ],
    made: [{ event: 'login' }, { event: 'spin', properties: { bet: 5 } }],
  },
  {
    what: 'a batch by user',
    script:
      'export function transformBatch(events) { const by = new Map(); for (const e of events) by.set(e.userId, (by.get(e.userId) ?? 0) + 1); return [...by].map(([userId, count]) => ({ userId, count })) }',
    event: [{ userId: 'a' }, { userId: 'b' }, { userId: 'a' }],
    made: [
      { userId: 'a', count: 2 },
      { userId: 'b', count: 1 },
    ],
  },
  {
    what: 'a batch with metadata of each',
    script:
      'export function transformBatch(events, metadata) { return events.map(e => ({ id: metadata(e).messageId, s: metadata(e).sourceId })) }',
    event: [{ messageId: 'a' }],
    variables: { sourceId: 's' },
    made: [{ id: 'a', s: 's' }],
  },
  {
    what: 'a batch without duplicates',
    script:
      'export function transformBatch(events) { const seen = new Set(); return events.filter(e => !seen.has(e.messageId) && seen.add(e.messageId)) }',
    event: [{ messageId: 'a' }, { messageId: 'a' }],
    made: [{ messageId: 'a' }],
  },
  {
    what: 'only events of a list',
    script:
      'export function transformEvent(event) { const allow = ["Product Added", "Order Completed"]; if (!allow.includes(event.event)) return; return event }',
    event: [order, { event: 'Other' }],
    made: [order],
  },
  {
    what: 'none of a list',
    script:
      'export function transformEvent(event) { const deny = ["Order Completed"]; if (deny.includes(event.event)) return; return event }',
    event: [order, { event: 'Other' }],
    made: [{ event: 'Other' }],
  },
  {
    what: 'only people of a domain',
    script:
      'export function transformEvent(event) { const domains = ["example.com"]; const email = event.context?.traits?.email; if (email && domains.includes(email.split("@").pop())) return; return event }',
    event: [{ context: { traits: { email: 'a@example.com' } } }, { n: 1 }],
    made: [{ n: 1 }],
  },
  {
    what: 'a sample of users',
    script:
      'import { cyrb53 } from "@rs/hash/v1"\nexport function transformEvent(event) { return cyrb53(event.userId) % 100 < 50 ? event : null }',
    event: [{ userId: 'a' }, { userId: 'b' }, { userId: 'c' }, { userId: 'd' }],
    made: [{ userId: 'c' }, { userId: 'd' }],
  },
  {
    what: 'sha256 of the hash library',
    script:
      'import { sha256 } from "@rs/hash/v1"\nexport function transformEvent(event) { return { e: sha256(event.properties.email).slice(0, 12) } }',
    event: order,
    made: [{ e: 'b5fc85e55755' }],
  },
  {
    what: 'md5 of the hash library',
    script:
      'import { md5 } from "@rs/hash/v1"\nexport function transformEvent(event) { return { e: md5("a") } }',
    event: {},
    made: [{ e: '0cc175b9c0f1b6a831c399e269772661' }],
  },
  {
    what: 'the user agent library',
    script:
      'import { UAParser } from "@rs/userAgentParser/v1"\nexport function transformEvent(event) { const userAgent = event?.context?.userAgent; const parser = new UAParser(userAgent); return { browser: parser.getBrowser().name, os: parser.getOS().name } }',
    event: { context: { userAgent: UA } },
    made: [{ browser: 'Chrome', os: 'Windows' }],
  },
  {
    what: 'the URL library',
    script:
      'import URLSearchParams from "@rs/urlParser/v1"\nexport function transformEvent(event) { const params = new URLSearchParams(event.search); return { campaign: params.get("utm_campaign") } }',
    event: { search: '?utm_campaign=spring' },
    made: [{ campaign: 'spring' }],
  },
  {
    what: "a library of one's own",
    script:
      'import { shout } from "lib:words@1"\nexport function transformEvent(event) { return { e: shout(event.event) } }',
    event: { event: 'a' },
    made: [{ e: 'A!' }],
  },
  {
    what: 'personal data is masked',
    script:
      'export function transformEvent(event) { if (event.context?.traits?.ssn) event.context.traits.ssn = "XXX-XX-" + event.context.traits.ssn.slice(-4); return event }',
    event: { context: { traits: { ssn: '123-45-6789' } } },
    made: [{ context: { traits: { ssn: 'XXX-XX-6789' } } }],
  },
  {
    what: 'the IP is taken out',
    script:
      'export function transformEvent(event) { event.context.ip = "0.0.0.0"; event.request_ip = "0.0.0.0"; return event }',
    event: { context: { ip: '1.2.3.4' } },
    made: [{ context: { ip: '0.0.0.0' }, request_ip: '0.0.0.0' }],
  },
  {
    what: 'missing values are filled in',
    script:
      'export function transformEvent(event) { const fill = { plan: "free", age: 0 }; for (const [k, v] of Object.entries(fill)) if (event.properties[k] == null) event.properties[k] = v; return event }',
    event: { properties: { plan: null } },
    made: [{ properties: { plan: 'free', age: 0 } }],
  },
  {
    what: 'empty values are taken out',
    script:
      'export function transformEvent(event) { const clean = o => Object.fromEntries(Object.entries(o).filter(([, v]) => v !== "" && v !== null)); return { ...event, properties: clean(event.properties) } }',
    event: { properties: { a: '', b: null, c: 0 } },
    made: [{ properties: { c: 0 } }],
  },
  {
    what: 'arrays become text',
    script:
      'export function transformEvent(event) { for (const k in event.properties) if (Array.isArray(event.properties[k])) event.properties[k] = JSON.stringify(event.properties[k]); return event }',
    event: { properties: { a: [1, 2] } },
    made: [{ properties: { a: '[1,2]' } }],
  },
  {
    what: 'camelCase becomes snake_case',
    script:
      'const snake = s => s.replace(/[A-Z]/g, c => "_" + c.toLowerCase())\nexport function transformEvent(event) { return Object.fromEntries(Object.entries(event).map(([k, v]) => [snake(k), v])) }',
    event: { userId: 1, firstName: 'A' },
    made: [{ user_id: 1, first_name: 'A' }],
  },
  {
    what: 'one column of JSON',
    script:
      'export function transformEvent(event) { return { type: event.type, payload: JSON.stringify(event.properties) } }',
    event: { type: 'track', properties: { a: 1 } },
    made: [{ type: 'track', payload: '{"a":1}' }],
  },
  {
    what: 'the type of the event is changed',
    script:
      'export function transformEvent(event) { if (event.type === "page") { event.type = "track"; event.event = "Viewed " + event.name } return event }',
    event: { type: 'page', name: 'Home' },
    made: [{ type: 'track', name: 'Home', event: 'Viewed Home' }],
  },
  {
    what: 'a header for a webhook',
    script:
      'export function transformEvent(event) { event.header = { "dynamic-header": event.userId }; return event }',
    event: { userId: 'u' },
    made: [{ userId: 'u', header: { 'dynamic-header': 'u' } }],
  },
  {
    what: 'a path for a webhook',
    script:
      'export function transformEvent(event) { event.appendPath = "/path/" + event.type + "?id=" + event.userId; return event }',
    event: { type: 'track', userId: 'u' },
    made: [{ type: 'track', userId: 'u', appendPath: '/path/track?id=u' }],
  },
  {
    what: 'numbers of text',
    script:
      'export function transformEvent(event) { event.properties.revenue = Number(event.properties.revenue); return event }',
    event: { properties: { revenue: '12.50' } },
    made: [{ properties: { revenue: 12.5 } }],
  },
  {
    what: 'dates',
    script:
      'export function transformEvent(event) { return { day: new Date(event.originalTimestamp).toISOString().slice(0, 10) } }',
    event: { originalTimestamp: '2026-05-01T23:30:00-02:00' },
    made: [{ day: '2026-05-02' }],
  },
  {
    what: 'names of campaigns in the context',
    script:
      'export function transformEvent(event) { const { searchParams } = new URL(event.context.page.url); event.context.campaign = Object.fromEntries(["source", "medium"].map(k => [k, searchParams.get("utm_" + k)])); return event }',
    event: { context: { page: { url: 'https://a.test/?utm_source=s&utm_medium=m' } } },
    made: [
      {
        context: {
          page: { url: 'https://a.test/?utm_source=s&utm_medium=m' },
          campaign: { source: 's', medium: 'm' },
        },
      },
    ],
  },
  {
    what: 'an error fails its event alone',
    script: 'export function transformEvent(event) { return { n: event.properties.n.toFixed(1) } }',
    event: {},
    fails: 'TypeError',
  },
  {
    what: 'what is no object fails',
    script: 'export function transformEvent(event) { return "text" }',
    event: {},
    fails: 'returned a string',
  },
  {
    what: 'a batch that is no list is one event',
    script: 'export function transformBatch(events) { return { count: events.length } }',
    event: [{}, {}],
    made: [{ count: 2 }],
  },
];
