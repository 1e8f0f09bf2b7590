/** A process that calls identify, as light as can be: `node identify-child.ts <work.json>`. See ChildWork. */
import { readFile } from 'node:fs/promises';
import { PackError } from '../../contract/errors.ts';
import { createStats } from '../../runtime/core/recognition-stats.ts';
import { takeLock } from '../../runtime/locks/lock-file.ts';
import { openNats } from '../../runtime/nats/open.ts';
import { createRecognition } from '../../runtime/recognition/create.ts';
import { RECOGNITION_DEFAULTS } from '../../runtime/recognition/settings.ts';
import { createDestinations } from '../../runtime/warehouses/destinations.ts';
import type { ChildWork } from './identify-children.ts';
import { soon } from './soon.ts';

const MAX_TRIES = 5;
const silent = { info: () => undefined, warn: () => undefined };
const work = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')) as ChildWork;
const nats = openNats({ servers: work.servers }, silent);
const { kv } = nats;
const destinations = createDestinations({
  destinations: { warehouse: work.warehouse },
  kv,
  dataDir: '/nowhere',
  takeLock,
});
let seen = 0;
const recognition = createRecognition({
  kv,
  destinations,
  defaults: RECOGNITION_DEFAULTS,
  stats: createStats(),
  step: name => {
    if (name === work.killAt && ++seen === 1) process.kill(process.pid, 'SIGKILL');
  },
});
/** As a client does: what could not be finished, or may not have been, is sent again. */
async function identify(events: ChildWork['calls'][number], tries = 1) {
  const call = soon(60_000);
  try {
    return await recognition.identify(call, { ...work.more, destination: 'warehouse', events });
  } catch (error) {
    if (tries === MAX_TRIES || !(error instanceof PackError && error.code === 'UNAVAILABLE')) throw error;
    return await identify(events, tries + 1);
  }
}

let next = 0;
const lane = async () => {
  while (next < work.calls.length) {
    const events = work.calls[next++] ?? [];
    const answer = await identify(events);
    if (answer.failed.length > 0 || answer.pending) throw new Error(JSON.stringify(answer));
  }
};
await Promise.all(Array.from({ length: work.inFlight ?? 1 }, lane));
await recognition.close();
await destinations.close();
await nats.close();
