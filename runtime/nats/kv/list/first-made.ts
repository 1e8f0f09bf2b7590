import type { Call } from '../../../core/call.ts';
import type { Waited } from '../../beside.ts';
import { firstWithin, putBeside } from '../../beside.ts';
import type { Doubt } from '../../doubt.ts';
import { ASK_SOON_MS, besideMs } from '../../silence.ts';

/** Something that a cluster was asked to make on any of its servers. */
export interface Making<Made> extends Waited {
  /** What the server that has it answers. */
  made: Promise<Made>;
  /** Asks the cluster for it until somebody answers, at most until the turn's deadline. Undefined: the cluster knows nothing of it. */
  look(turn: Call): Promise<Made | undefined>;
}

const LOST = Symbol('lost');

/**
 * Asks a cluster to make something until one of its servers has. It may give it to a server that died or hangs, which is told by
 * silence alone: then two others are asked for beside it, since two servers seldom hang, and again after each silence. What it was
 * asked while it had no leader it never hears of: it is asked whether it knows of it, which its next leader answers at once, and if not
 * another is asked for at that moment.
 * @param doubt whether one of its servers was silent just now, which may be given what is made next: two are asked for at once then.
 */
export async function firstMade<Made>(call: Call, doubt: Doubt, ask: () => Making<Made>): Promise<Made> {
  const waited: Making<Made>[] = [];
  let isSlow = false;
  for (let [silences, mayBeUnheard] = [0, true]; ; silences++) {
    const isDoubted = silences > 0 || doubt.isThere();
    putBeside(waited, Array.from({ length: isDoubted ? 2 : 1 }, ask));
    if (silences === 0)
      for (const { made } of waited) void made.then(() => (isSlow = true)).catch(() => undefined);
    const ms = besideMs(silences, doubt);
    const first = await withinTurn(call, waited, { ms, looks: silences > 0 && mayBeUnheard });
    if (first === LOST) {
      // Whoever leads now hears what is asked from here on; one that is busy with much is not asked again and again.
      [silences, mayBeUnheard] = [-1, false];
    } else if (first !== undefined) {
      // Who is slow is not silent: else a cluster whose makings take longer than those in doubt are given would stay so for ever.
      if (silences > 0 && !isSlow) doubt.raise();
      return first;
    }
  }
}

/** What is made within a turn, LOST where the last that was asked for never will be, undefined where nothing was heard. */
async function withinTurn<Made>(
  { deadline }: Call,
  waited: readonly Making<Made>[],
  { ms, looks }: { ms: number; looks: boolean },
): Promise<Made | typeof LOST | undefined> {
  const turn = { deadline };
  let timer: NodeJS.Timeout | undefined;
  const looked = new Promise<Made | typeof LOST>(resolve => {
    const look = async () => resolve((await waited.at(-1)?.look(turn)) ?? LOST);
    // Who cannot say, such as one who may not be asked, says nothing.
    if (looks) timer = setTimeout(() => void look().catch(() => undefined), ASK_SOON_MS);
  });
  try {
    return await firstWithin(ms, [...waited.map(({ made }) => made), looked]);
  } finally {
    clearTimeout(timer);
    turn.deadline = 0;
  }
}
