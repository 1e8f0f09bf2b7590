import { RECOGNITION_DEFAULTS } from '../../../runtime/recognition/settings.ts';
import type { TestKvflow } from '../../support/kvflow.ts';
import { startWithServer } from '../../support/kvflow.ts';
import { soon } from '../../support/soon.ts';
import type { MemoryDestination } from '../../support/warehouses/memory.ts';
import { memoryDestination, memoryDestinations } from '../../support/warehouses/memory.ts';
import type { Dashboard } from './dashboard.ts';
import { openDashboard } from './dashboard.ts';

/** A dashboard whose kvflow has destinations: `embedded`, and `away`, which may be made so. */
export interface Recognizing extends Dashboard {
  embedded: MemoryDestination;
  away: MemoryDestination;
  /** What a server of it tells of recognition. */
  figures(): ReturnType<typeof figures>;
  /** Calls identify for pages that a visitor sees: their event ids. */
  sees(anonymous_id: string, ids: string[], more?: object): Promise<void>;
  /** Calls identify for an event that names the visitor. */
  isNamed(anonymous_id: string, id: string, user: object, more?: object): Promise<void>;
}

/** Starts it for a test file. What is left undone is taken up after a second; counters are at /metrics, as `kvflow start` has them. */
export function openRecognizing(): Recognizing {
  const embedded = memoryDestination('embedded');
  const away = memoryDestination('away');
  const dashboard = openDashboard(
    kvflow => ({ recognition: () => figures(kvflow) }),
    () =>
      startWithServer({
        recognition: {
          destinations: memoryDestinations(embedded, away),
          defaults: { ...RECOGNITION_DEFAULTS, reconcileAfterMs: 1_000 },
        },
      }),
  );
  const identify = async (events: object[], more: object) => {
    await dashboard.kvflow().call('identify', { destination: 'embedded', events, ...more });
  };
  return {
    ...dashboard,
    embedded,
    away,
    figures: () => figures(dashboard.kvflow()),
    sees: (anonymous_id, ids, more = {}) =>
      identify(
        ids.map(event_id => ({ event_id, event_type: 'page', user: { anonymous_id } })),
        more,
      ),
    isNamed: (anonymous_id, event_id, user, more = {}) =>
      identify([{ event_id, event_type: 'login', user: { anonymous_id, ...user } }], more),
  };
}

/** None before identify was first called. */
async function figures({ recognition }: TestKvflow) {
  const stats = recognition.stats();
  if (stats.size === 0) return undefined;
  return { stats, pending: await recognition.pending(soon()) };
}
