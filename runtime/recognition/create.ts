import { PackError } from '../../contract/errors.ts';
import type { Recognition } from '../core/recognition-port.ts';
import { orEmpty } from '../core/state/or-empty.ts';
import { countDead, dropDead, listDead, replayDead } from './dead/dead-letters.ts';
import { identify } from './identify/identify.ts';
import { listChanges } from './lists/change-list.ts';
import { listEvents } from './lists/event-list.ts';
import { listPending } from './lists/pending-list.ts';
import { getVisitor } from './lists/visitor-get.ts';
import { listVisitors } from './lists/visitor-list.ts';
import type { Parts, ReconcileLog } from './parts.ts';
import { createReconciler } from './reconcile/reconcile.ts';
import { createEvictions } from './remember/evictions.ts';
import { noteGone } from './remember/gone-events.ts';
import { createStateBuckets } from './state/buckets.ts';
import { forget } from './undo/forget.ts';
import { preview } from './undo/preview.ts';
import { undo } from './undo/undo.ts';

const silent: ReconcileLog = { info: () => undefined, warn: () => undefined };

/** Makes recognition over a store and the warehouses. */
export function createRecognition(parts: Parts, log: ReconcileLog = silent): Recognition {
  const evictions = createEvictions(parts.kv, noteGone);
  const all = { ...parts, evictions, buckets: createStateBuckets(parts.kv), running: new Set<string>() };
  // What only looks, or takes out, finds nothing where a bucket is deleted meanwhile.
  const looking = { ...all, kv: orEmpty(parts.kv) };
  const reconciler = createReconciler(all, log);
  return {
    identify: async (call, input, rights) => {
      await evictions.room();
      const release = evictions.hold();
      try {
        return await identify(all, call, input, rights);
      } finally {
        release();
      }
    },
    idle: evictions.idle,
    close: evictions.close,
    undo: (call, input, rights) => undo(looking, call, input, rights),
    forget: (call, input, rights) => forget(looking, call, input, rights),
    preview: (call, input, rights) => preview(looking, call, input, rights),
    visitorList: (call, input, rights) => listVisitors(looking, call, input, rights),
    visitorGet: (call, input, rights) => getVisitor(looking, call, input, rights),
    pendingList: (call, input, rights) => listPending(looking, call, input, rights),
    eventList: (call, input, rights) => listEvents(looking, call, input, rights),
    changeList: (call, input, rights) => listChanges(looking, call, input, rights),
    deadList: (call, input, rights) => listDead(looking, call, input, rights),
    deadReplay: (call, input, rights) => replayDead(all, call, input, rights),
    deadDrop: (call, input, rights) => dropDead(looking, call, input, rights),
    query: async (call, name, query) => {
      const destination = await parts.destinations.open(name);
      if (destination.query) return await destination.query(call, query);
      throw new PackError('UNSUPPORTED', `destination ${JSON.stringify(name)} cannot be asked`);
    },
    reconcile: reconciler.run,
    pending: reconciler.pending,
    dead: call => countDead(parts.kv, call),
    stats: parts.stats.snapshot,
  };
}
