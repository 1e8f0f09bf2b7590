import type { BatchItem } from '../../api/invoke.ts';

const COUNT = `const key = 'session_' + $.user_id
const session = (await $kv.get(key)) ?? { pageViews: 0, startedAt: new Date().toISOString() }
session.pageViews++
session.lastPage = $.url
await $kv.set(key, session, { ttlMs: 30 * 60 * 1000 })
$.pageViews = session.pageViews
return $`;

const EVENTS = [
  { user_id: 'ada', url: '/home' },
  { user_id: 'ada', url: '/pricing' },
  { user_id: 'grace', url: '/docs' },
];

/** Counts the page views of two sessions. */
export const EXAMPLE_CALLS: BatchItem[] = [
  { function: 'transform', input: { script: COUNT, events: EVENTS } },
];

/** Stores a script, twice, so that there are two versions to compare. */
export const EXAMPLE_SCRIPTS: BatchItem[] = [
  {
    function: 'transform-script-put',
    input: {
      script_id: 'sessions',
      description: 'Counts page views',
      script: COUNT.replace('session.lastPage = $.url\n', ''),
    },
  },
  {
    function: 'transform-script-put',
    input: {
      script_id: 'sessions',
      description: 'Counts page views, remembers the last page',
      script: COUNT,
    },
  },
];

/** An event for a script that nobody knows yet. */
export const SAMPLE_EVENT = '{\n  "user_id": "ada",\n  "url": "/home"\n}';
