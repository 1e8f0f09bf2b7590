import type { Figure } from './measure.ts';
import { compare, pipelined } from './measure.ts';
import { stage } from './stage.ts';

const SESSIONS = 1_000;
const EVENTS = 10_000;
const BATCH = 100;
const CALLS = 2;

const SCRIPT = `
let session = await $kv.get('session_' + $.user)
if (!session) session = { id: Math.random().toString(36).substring(2), pageViews: 0 }
session.pageViews++
await $kv.set('session_' + $.user, session, { ttlMs: 1000 * 60 * 30 })
$.session = session
return $`;

/** The session script over 1,000 sessions against a plain loop of get and put with as many events at once. */
export async function transformKv(): Promise<Figure> {
  await using s = await stage();
  const kv = await s.bucket('plain');
  await s.call('kv-bucket-create', {
    bucket: 'scripts',
    storage: 'memory',
    key_ttl: true,
    key_encoding: 'base64',
  });
  const eventOf = (index: number) => ({ user: index % SESSIONS, url: '/page' });
  return await compare(
    'events/s',
    EVENTS,
    () =>
      pipelined(EVENTS / BATCH, CALLS, batch => {
        const events = Array.from({ length: BATCH }, (_, i) => eventOf(batch * BATCH + i));
        return s.call('transform', { script: SCRIPT, events, kv_bucket: 'scripts', timeout_ms: 10_000 });
      }),
    () =>
      pipelined(EVENTS, BATCH * CALLS, async index => {
        const event = eventOf(index);
        const found = await kv.get(`session_${event.user}`);
        const session = found?.json<{ pageViews: number }>() ?? { id: 'x', pageViews: 0 };
        session.pageViews++;
        await kv.put(`session_${event.user}`, JSON.stringify(session));
      }),
  );
}
