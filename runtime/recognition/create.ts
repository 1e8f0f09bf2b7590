import { PackError } from '../../contract/errors.ts';
import type { Call } from '../core/call.ts';
import type { Destinations } from '../core/destinations.ts';
import type { KvStore } from '../core/ports/kv-store.ts';
import type { Recognition, RecognitionRights } from '../core/recognition-port.ts';
import { createStats } from '../core/recognition-stats.ts';
import { orEmpty } from '../core/state/or-empty.ts';
import { createEvictions, noteGone } from './amended/evictions.ts';
import { countDead, dropDead, listDead, replayDead } from './dead-letters/letters.ts';
import { identify } from './identify.ts';
import type { CallParts, Parts, ReconcileLog } from './job.ts';
import { listPending } from './pending.ts';
import { createReconciler } from './reconcile.ts';
import { RECOGNITION_DEFAULTS } from './settings.ts';
import { createStateBuckets, RECOGNITION } from './state.ts';
import { undo } from './undo.ts';
import { forget } from './visitors/forget.ts';
import { getVisitor, listChanges, listEvents, listVisitors } from './visitors/lists.ts';
import { preview } from './visitors/preview.ts';

const silent: ReconcileLog = { info: () => undefined, warn: () => undefined };

/** Makes recognition over a store and the warehouses. */
export function createRecognition(parts: Parts, log: ReconcileLog = silent): Recognition {
  const evictions = createEvictions(parts.kv, noteGone);
  const all = { ...parts, evictions, buckets: createStateBuckets(parts.kv), running: new Set<string>() };
  // What only looks, or takes out, finds nothing where a bucket is deleted meanwhile.
  const looking = { ...all, kv: orEmpty(parts.kv) };
  const reconciler = createReconciler(all, log);
  return {
    identify: writing(all, async (...given) => {
      await evictions.room();
      const release = evictions.hold();
      try {
        return await identify(...given);
      } finally {
        release();
      }
    }),
    idle: evictions.idle,
    close: evictions.close,
    undo: writing(looking, undo),
    forget: writing(looking, forget),
    preview: asked(looking, preview),
    visitorList: asked(looking, listVisitors),
    visitorGet: asked(looking, getVisitor),
    pendingList: asked(looking, listPending),
    eventList: asked(looking, listEvents),
    changeList: asked(looking, listChanges),
    deadList: asked(looking, listDead),
    deadReplay: writing(all, replayDead),
    deadDrop: asked(looking, dropDead),
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

type Answer<Input, Output> = (
  parts: CallParts,
  call: Call,
  input: Input,
  rights?: RecognitionRights,
) => Promise<Output>;

/** The same for what writes: throws UNSUPPORTED, before anything is done, where NATS is too old for it. */
function writing<Input extends { destination?: string }, Output>(
  parts: CallParts,
  answer: Answer<Input, Output>,
) {
  return asked<Input, Output>(parts, async (all, call, ...given) => {
    await parts.kv.requireTransactions(call, RECOGNITION);
    return await answer(all, call, ...given);
  });
}

/** Throws FORBIDDEN where the caller may not use the destination that is named. */
function asked<Input extends { destination?: string }, Output>(
  parts: CallParts,
  answer: Answer<Input, Output>,
) {
  return async (call: Call, input: Input, rights?: RecognitionRights): Promise<Output> => {
    if (input.destination !== undefined) rights?.destination(input.destination);
    return await answer(parts, call, input, rights);
  };
}

/** No warehouses at all: for hosts that have no kvflow.yaml. */
export const NO_DESTINATIONS: Destinations = {
  names: [],
  open: async name => {
    throw new PackError(
      'DESTINATION_NOT_FOUND',
      `There is no destination "${name}": this kvflow has no kvflow.yaml. Call the function on a kvflow server that has, or leave destination out.`,
    );
  },
};

/** Recognition that answers events and writes to no warehouse. */
export function recognitionWithoutWarehouses(kv: KvStore): Recognition {
  return createRecognition({
    kv,
    log: kv,
    destinations: NO_DESTINATIONS,
    defaults: RECOGNITION_DEFAULTS,
    stats: createStats(),
  });
}
