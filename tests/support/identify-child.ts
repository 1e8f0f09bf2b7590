/** A process that calls identify, as light as can be: `node identify-child.ts <work.json>`. See ChildWork. */
import { readFile } from 'node:fs/promises';
import { createStats } from '../../runtime/core/recognition-stats.ts';
import { takeLock } from '../../runtime/locks/lock-file.ts';
import { openNats } from '../../runtime/nats/open.ts';
import { createRecognition } from '../../runtime/recognition/create.ts';
import { RECOGNITION_DEFAULTS } from '../../runtime/recognition/settings.ts';
import { createDestinations } from '../../runtime/warehouses/destinations.ts';
import type { ChildWork } from './identify-children.ts';

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
let next = 0;
const lane = async () => {
  while (next < work.calls.length) {
    const events = work.calls[next++] ?? [];
    const answer = await recognition.identify(
      { deadline: Date.now() + 60_000 },
      { ...work.more, destination: 'warehouse', events },
    );
    if (answer.failed.length > 0 || answer.pending) throw new Error(JSON.stringify(answer));
  }
};
await Promise.all(Array.from({ length: work.inFlight ?? 1 }, lane));
await recognition.close();
await destinations.close();
await nats.close();
