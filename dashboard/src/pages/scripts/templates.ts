/** A script to begin with, with events that it is for. */
export interface Template {
  name: string;
  about: string;
  script: string;
  events: unknown[];
  variables?: Record<string, unknown>;
}

const EVENTS = [
  { type: 'track', event: 'Order', userId: 'ada', properties: { price: 3, count: 2 } },
  { type: 'page', userId: 'ada', properties: { url: '/home' } },
];

/** One for each shape that kvflow knows by what a script exports. */
export const TEMPLATES: readonly Template[] = [
  {
    name: 'Jitsu Classic',
    about: '$ is the event; what is returned goes on',
    script: `// $ is the event, $kv a store that outlives it. Return the event, several, or null to skip it.
$.visits = await $kv.incr('visits_' + $.userId)
return $
`,
    events: EVENTS,
  },
  {
    name: 'Jitsu Next',
    about: 'export default, with a context',
    script: `export default async function (event, { log, store, props }) {
  const seen = (await store.get('seen_' + event.userId)) ?? 0
  await store.set('seen_' + event.userId, seen + 1, { ttl: '7d' })
  log.info('seen %d times', seen + 1)
  return { ...event, seen: seen + 1 }
}
`,
    events: EVENTS,
  },
  {
    name: 'RudderStack',
    about: 'transformEvent, with metadata',
    script: `export function transformEvent(event, metadata) {
  if (event.event === 'Test') return
  event.sourceId = metadata(event).sourceId
  return event
}
`,
    events: EVENTS,
    variables: { metadata: { sourceId: 's1' } },
  },
  {
    name: 'Segment',
    about: 'onTrack and its like, by the type of an event',
    script: `async function onTrack(event, settings) {
  if (!event.userId) throw new DropEvent('nobody')
  event.properties.plan = settings.plan
  return event
}

async function onPage(event) {
  throw new EventNotSupported('pages are not wanted')
}
`,
    events: EVENTS,
    variables: { settings: { plan: 'free' } },
  },
  {
    name: 'Batch',
    about: 'transformBatch: all events of a call at once',
    script: `export function transformBatch(events) {
  const total = events.reduce((sum, { properties }) => sum + (properties.price ?? 0), 0)
  return events.map(event => ({ ...event, total }))
}
`,
    events: EVENTS,
  },
];
