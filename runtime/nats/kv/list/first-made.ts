import type { Call } from '../../../core/call.ts';
import { silenceMs } from '../../silence.ts';

/** Something that a cluster was asked to make on any of its servers. */
export interface Making<Made> {
  /** What the server that has it answers. */
  made: Promise<Made>;
  /** Asks the cluster for it until somebody answers, at most until the turn's deadline. Undefined: the cluster knows nothing of it. */
  look(turn: Call): Promise<Made | undefined>;
}

/** How many are asked for at once, by how many turns were silent before: two servers seldom hang. */
const AT_ONCE = [1, 2, 2];
/** For so long two are asked for at once where a server of the cluster was silent: it may be given what is made next. */
const DOUBT_MS = 10_000;
const LOST = Symbol('lost');

const doubts = new WeakMap<object, number>();

/**
 * Asks a cluster to make something until one of its servers has. It may give it to a server that died or hangs, which is told by
 * silence alone: then others are asked for beside it. What it was asked while it had no leader it never hears of: it is asked
 * whether it knows of it, which its next leader answers at once, and if not another is asked for at that moment.
 * @param of what is asked: what is known of its servers is remembered by it.
 */
export async function firstMade<Made>(call: Call, of: object, ask: () => Making<Made>): Promise<Made> {
  const all: Promise<Made>[] = [];
  for (let [silences, lost] = [0, 0]; ; ) {
    const doubted = Number(Date.now() < (doubts.get(of) ?? 0));
    const asked = Array.from({ length: AT_ONCE[silences + doubted] ?? 1 }, ask);
    all.push(...asked.map(({ made }) => made));
    const first = await withinTurn(call, all, { last: asked.at(-1), silences, lost });
    if (first === LOST) {
      silences = lost;
      lost += 1;
    } else if (first === undefined) silences += 1;
    else {
      if (silences > lost) doubts.set(of, Date.now() + DOUBT_MS);
      return first;
    }
  }
}

/** What is made within a turn, LOST where the last that was asked for never will be, undefined where nothing was heard. */
async function withinTurn<Made>(
  { deadline }: Call,
  all: readonly Promise<Made>[],
  { last, silences, lost }: { last: Making<Made> | undefined; silences: number; lost: number },
): Promise<Made | typeof LOST | undefined> {
  const turn = { deadline };
  const timers: NodeJS.Timeout[] = [];
  const after = (ms: number) =>
    new Promise<undefined>(resolve => void timers.push(setTimeout(resolve, ms, undefined)));
  const looked = async () => {
    // One that is busy with much is not asked again and again.
    await after(silenceMs(lost));
    return (await last?.look(turn)) ?? LOST;
  };
  // The second may have met the same server.
  const silence = after(silenceMs(Math.max(0, silences - 1)));
  try {
    return await Promise.race([...all, silence, looked().catch(never)]);
  } finally {
    for (const timer of timers) clearTimeout(timer);
    turn.deadline = 0;
  }
}

/** Who cannot say, such as one who may not be asked, says nothing. */
function never(): Promise<never> {
  return new Promise(() => undefined);
}
