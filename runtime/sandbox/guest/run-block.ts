import type { Batch } from './batch.ts';
import type { Outbox } from './outbox.ts';
import type { Results } from './results.ts';
import { type EventRunner, isThenable, newState } from './run-event.ts';
import type { EventState, Script } from './types.ts';

/** What blocks are run with. */
export interface BlockParts {
  now: () => number;
  call: EventRunner['call'];
  /** Stands for the event as it came. */
  keep: object;
  results: Results;
  outbox: Outbox;
}

interface BlockLines {
  lines: string[];
  /** Characters of all of them. */
  size: number;
  /** How many lines each event became. */
  counts: number[];
  /** Each became one. */
  isEven: boolean;
}

/** How many blocks of a script may fail before its events are run one by one. */
export const PATIENCE = 3;
const MAX_BLOCK = 1 << 19;
const MAX_BLOCK_MS = 100;
const BRACE = 0x7b;

/** Builds what runs all events of a block, or says that they are to be run one by one: nothing that it does has an effect. */
export function makeBlockRunner({ now, call, keep, results, outbox }: BlockParts): (batch: Batch) => void {
  /** What events of a block became: a line each. Undefined where they are to be run one by one. */
  const linesOf = (batch: Batch, script: Script): BlockLines | undefined => {
    const until = now() + MAX_BLOCK_MS;
    const [unit] = script.units;
    if (!unit) return undefined;
    const made: BlockLines = { lines: [], size: 0, counts: [], isEven: true };
    // Behind a line break at its end there is an empty line, which is no object.
    for (let at = batch.at; at <= batch.text.length; ) {
      if (batch.text.charCodeAt(at) !== BRACE) return undefined;
      const found = batch.text.indexOf('\n', at);
      const end = found < 0 ? batch.text.length : found;
      const text = batch.text.slice(at, end);
      at = end + 1;
      const state = newState(batch.first, script.flags);
      const value = call(unit, script, state, JSON.parse(text));
      if (isThenable(value) || state.logs.length > 0) return undefined;
      if (hasAsked(state)) {
        script.patience = 0;
        return undefined;
      }
      const lines = made.lines.length;
      if (value === keep) made.lines.push(results.line(text));
      else if (!results.add(made.lines, state, value)) return undefined;
      for (let one = lines; one < made.lines.length; one++) made.size += made.lines[one]?.length ?? 0;
      made.counts.push(made.lines.length - lines);
      made.isEven &&= made.lines.length === lines + 1;
      // Nobody else had a turn, and nothing was said of it: no block takes long or comes to much.
      if (made.size > MAX_BLOCK || (now() >= until && at < batch.text.length)) return undefined;
    }
    return made;
  };

  return batch => {
    const { script, first } = batch;
    let made: BlockLines | undefined;
    try {
      if (script && isPlain(script)) made = linesOf(batch, script);
      else if (script) script.patience = 0;
    } catch {
      // Whose fault it is, and where, is told by the event itself.
    }
    if (script) script.patience = Math.min(PATIENCE, script.patience + (made ? 1 : -1));
    if (!made) {
      outbox.add({ head: `[${first},5,${script && script.patience > 0 ? 0 : 1}]`, body: '' });
      return;
    }
    const { lines, size, counts, isEven } = made;
    const sizes = `[${size === 0 ? '' : size + lines.length}],[${isEven ? '' : counts.join(',')}]`;
    lines.push('');
    outbox.add({ head: `[${first},4,${sizes}]`, body: '', lines });
  };
}

/** It has asked the store or the network for something, or set something there, without naming them. */
function hasAsked({ writes, kvPending, waiting }: EventState): boolean {
  return writes !== undefined || kvPending > 0 || waiting > 0;
}

function isPlain({ units, flags }: Script): boolean {
  return (
    units.length === 1 &&
    !(flags.kv || flags.console || flags.timers || flags.promises || flags.idle || flags.error)
  );
}
