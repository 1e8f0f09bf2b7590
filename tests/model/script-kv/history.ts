import type { Random } from '../../support/random.ts';
import { createRandom } from '../../support/random.ts';
import type { ModelEvent } from './events.ts';
import { someSteps } from './events.ts';

const CALLS = 4;
const EVENTS = 15;
/** A call of so many events has a few more operations of its store. */
const OPERATIONS = 30;
/** What goes wrong in a history: nothing, or the processes that scripts run in are killed, or one that calls. */
const FAULTS = ['none', 'workers', 'process'] as const;
/** Before an operation is sent, when it is on its way, and when it is answered. */
const MOMENTS = ['before', 'sent', 'answered'] as const;

/** When something is killed: at a moment of the operation of the call's store that so many came before. */
export interface ModelFault {
  kills: 'workers' | 'process';
  after: number;
  moment: (typeof MOMENTS)[number];
}

/** A call of the model's script, and what is killed in the process that runs it. */
export interface ModelCall {
  namespace: string;
  events: ModelEvent[];
  stopOnError: boolean;
  fault?: ModelFault;
}

/** What is played: calls made at once, by several processes. */
export interface ModelHistory {
  seed: number;
  fault: (typeof FAULTS)[number];
  calls: ModelCall[];
}

/** The history of a seed, for this process and so many beside it; the faults come in turn. */
export function historyOf(seed: number, children: number): ModelHistory {
  const random = createRandom(seed);
  const fault = FAULTS[seed % FAULTS.length] ?? 'none';
  const namespace = `n${seed}`;
  const calls = Array.from({ length: CALLS }, (_, call) => someCall(random, { namespace, call }));
  if (fault === 'none') return { seed, fault, calls };
  // The first call is run by the process of the test itself; each process loses its workers once.
  const victims =
    fault === 'process' ? [1 + random.below(CALLS - 1)] : [...calls.keys()].slice(0, 1 + children);
  return {
    seed,
    fault,
    calls: calls.map((call, at) =>
      victims.includes(at) ? { ...call, fault: someFault(random, fault) } : call,
    ),
  };
}

function someCall(random: Random, { namespace, call }: { namespace: string; call: number }): ModelCall {
  const events = Array.from(
    { length: EVENTS },
    (_, n): ModelEvent => ({ id: `${call}.${n}`, steps: someSteps(random) }),
  );
  return { namespace, events, stopOnError: random.chance(0.5) };
}

function someFault(random: Random, kills: ModelFault['kills']): ModelFault {
  return { kills, after: random.below(OPERATIONS), moment: random.pick(MOMENTS) };
}
