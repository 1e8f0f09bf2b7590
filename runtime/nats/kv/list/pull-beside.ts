import type { Call } from '../../../core/call.ts';
import type { Waited } from '../../beside.ts';
import { firstWithin, putBeside } from '../../beside.ts';
import type { Doubt } from '../../doubt.ts';
import { isConsumerLimit } from '../../errors.ts';
import { isPassing } from '../../request-errors.ts';
import { ASK_SOON_MS, besideMs } from '../../silence.ts';
import type { PullAsk, PullConsumer, Pulled } from './pull-consumer.ts';

/** A place in a bucket's stream from which messages are read on, and what delivers them. */
export interface Source {
  consumer?: PullConsumer | undefined;
}

/** How messages are read on from a place. */
export interface Pulling<From, What> {
  /** In a cluster another server may deliver what the one that was asked does not. */
  clustered: boolean;
  doubt: Doubt;
  /** Opens another source at the same place. */
  open(): Promise<From>;
  pull(from: From, ask: PullAsk): Promise<What>;
}

/** What was pulled, and from which source. */
interface Taken<From, What> {
  from: From;
  pulled: What;
}

/**
 * Pulls from a source until something comes, the source ends, or at the deadline. The server that delivers may be gone without a word, or
 * only be slow: after each silence another source is opened beside it, and the first that delivers is the one to go on with. The others
 * are closed, with all that they delivered, so that nothing is read twice.
 */
export async function pullBeside<From extends Source, What extends Pulled>(
  { deadline }: Call,
  first: From,
  { clustered, doubt, open, pull }: Pulling<From, What>,
): Promise<Taken<From, What>> {
  if (!clustered) return { from: first, pulled: await pull(first, { until: deadline }) };
  const pullFrom = async (from: From): Promise<Taken<From, What>> => ({
    from,
    pulled: await pull(from, { until: deadline, pauseMs: ASK_SOON_MS }),
  });
  const waited: Trial<Taken<From, What>>[] = [
    { taken: pullFrom(first), isUnderWay: () => isDelivering(first), letGo: () => first.consumer?.close() },
  ];
  let won: Trial<Taken<From, What>> | undefined;
  try {
    for (let silences = 0; ; silences++) {
      const outcomes = waited.map(async trial => [trial, await trial.taken] as const);
      const outcome = await firstWithin(besideMs(silences, doubt), outcomes);
      if (outcome) {
        won = outcome[0];
        if (outcome[1].from !== first) doubt.raise();
        return outcome[1];
      }
      // What is being opened is asked for again by itself, and what delivers is answered, also where it stops half-way.
      if (!waited.some(({ isUnderWay }) => isUnderWay())) putBeside(waited, [tryBeside(open(), pullFrom)]);
    }
  } finally {
    for (const trial of waited) if (trial !== won) trial.letGo();
  }
}

/** A source that is being opened or pulled from. */
interface Trial<Outcome> extends Waited {
  taken: Promise<Outcome>;
  /** It is being opened, or delivers. */
  isUnderWay(): boolean;
}

function isDelivering({ consumer }: Source): boolean {
  return consumer?.isDelivering() === true;
}

/** What cannot be opened, or breaks, beside another that is still waited for is no loss, unless there is no bucket any more. */
function tryBeside<From extends Source, Outcome>(
  opening: Promise<From>,
  pullFrom: (from: From) => Promise<Outcome>,
): Trial<Outcome> {
  let from: From | undefined;
  let isOpening = true;
  let isOver = false;
  const letGo = () => {
    isOver = true;
    from?.consumer?.close();
  };
  const isUnderWay = () => isOpening || (from !== undefined && isDelivering(from));
  return { taken: take(), isUnderWay, letGo };

  async function take(): Promise<Outcome> {
    try {
      from = await opening.finally(() => (isOpening = false));
      if (!isOver) return await pullFrom(from);
      letGo();
    } catch (error) {
      if (!(isPassing(error) || isConsumerLimit(error))) throw error;
    }
    return await new Promise<never>(() => undefined);
  }
}
