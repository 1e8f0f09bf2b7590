import { functions } from '../../functions/index.gen.ts';
import manifest from '../../manifest.json' with { type: 'json' };
import type { Envelope } from '../../runtime/core/envelope.ts';
import { isFailure } from '../../runtime/core/envelope.ts';
import { createInvoke } from '../../runtime/core/invoke.ts';
import type { Manifest } from '../../runtime/core/manifest.ts';
import type { KvStore } from '../../runtime/core/ports/kv-store.ts';
import type { Recognition } from '../../runtime/core/recognition-port.ts';
import { createStats } from '../../runtime/core/recognition-stats.ts';
import { createRegistry } from '../../runtime/core/registry.ts';
import { createJsApi } from '../../runtime/nats/js-api.ts';
import { createNatsKv } from '../../runtime/nats/kv/store.ts';
import { createRequests } from '../../runtime/nats/requests.ts';
import { createRecognition, NO_DESTINATIONS } from '../../runtime/recognition/create.ts';
import type { Parts } from '../../runtime/recognition/job.ts';
import { RECOGNITION_DEFAULTS } from '../../runtime/recognition/settings.ts';
import type { Observed, Outcome } from '../faults/observed.ts';
import type { Clock } from './clock.ts';
import type { Counts } from './counts.ts';
import type { SimulatedNats } from './nats.ts';

const registry = createRegistry(manifest as unknown as Manifest, functions);
const TIMEOUT_MS = 20_000;
const NOT_DONE = new Set(['UNAVAILABLE', 'REVISION_CONFLICT', 'RATE_LIMITED']);

/** How a call ended. */
export interface Ending {
  outcome: Outcome;
  code: string;
  data: Record<string, unknown>;
  began: number;
  ended: number;
}

/** Calls a function of a kvflow, and never throws. */
export type Call = (name: string, input: object) => Promise<Ending>;

/** One kvflow of a run. */
export interface SimulatedKvflow {
  call: Call;
  invoke(name: string, input: object): Promise<Envelope>;
  kv: KvStore;
  recognition: Recognition;
}

/** A kvflow that is to be tried: in a test of the simulator itself, one with a fault. */
export type Breaking = (call: Call) => Call;

/** What is seen of it, and what it is made of. */
export interface JoinOptions {
  observed: Observed;
  counts: Counts;
  breaking?: Breaking;
  /** In place of recognition without destinations. */
  parts?: (kv: KvStore) => Partial<Parts>;
}

/** A kvflow on a NATS, with a connection of its own. */
export function join(
  clock: Clock,
  server: SimulatedNats,
  { observed, counts, breaking = call => call, parts = () => ({}) }: JoinOptions,
): SimulatedKvflow {
  const connecting = Promise.resolve(server.connect());
  const requests = createRequests(connecting);
  const kv = createNatsKv({ requests, api: createJsApi(requests), connecting });
  const recognition = createRecognition({
    kv,
    destinations: NO_DESTINATIONS,
    defaults: { ...RECOGNITION_DEFAULTS, reconcileAfterMs: 0 },
    stats: createStats(),
    ...parts(kv),
  });
  const run = createInvoke({ registry, kv, recognition: async () => recognition });
  const invoke = (name: string, input: object) => {
    counts[name] = (counts[name] ?? 0) + 1;
    return run(name, input, { timeoutMs: TIMEOUT_MS });
  };
  const call: Call = async (name, input) => {
    const began = clock.now();
    const envelope = await invoke(name, input);
    // Nothing that is asked later was asked at the same moment.
    const times = { began, ended: clock.now() };
    if (!isFailure(envelope))
      return { outcome: 'acked', code: '', data: envelope.data as Record<string, unknown>, ...times };
    const { code } = envelope.error;
    if (code === 'INTERNAL') observed.untrue.push(`${name}: ${envelope.error.message}`);
    return { outcome: NOT_DONE.has(code) ? 'refused' : 'unknown', code, data: {}, ...times };
  };
  return { call: breaking(call), kv, recognition, invoke };
}
