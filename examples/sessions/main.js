/** Gives every event its session and its place there, with state that outlives the call. */
import { readFile } from 'node:fs/promises';
import { createClient } from '@kvflow/client';

const kvflow = createClient({
  url: process.env.KVFLOW_URL ?? 'http://127.0.0.1:4280',
  apiKey: process.env.KVFLOW_KEY,
});
const script = await readFile(new URL('script.js', import.meta.url), 'utf8');
const events = [
  { user: 'ada', at: 1, page: '/' },
  { user: 'grace', at: 2, page: '/' },
  { user: 'ada', at: 3, page: '/prices' },
];

// Two calls, as from two processes: the second goes on where the first ended.
for (const some of [events.slice(0, 2), events.slice(2)]) {
  const answer = await kvflow.transform({ script, events: some, namespace: 'example' });
  for (const event of answer.events) console.log(event.session_id, event.page_in_session, event.page);
}
