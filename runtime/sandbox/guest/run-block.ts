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

/** What the events of a block became. */
interface Made {
  /** Lines of JSON; or parts of one list, each a list by itself. */
  texts: string[];
  /** Characters of all of them. */
  size: number;
  /** How many events each event became. */
  counts: number[];
  /** Each became one. */
  isEven: boolean;
}

/** A block that is run. */
interface Run {
  batch: Batch;
  script: Script;
  /** Of all its events: what one of them leaves in it ends the run. */
  state: EventState;
  until: number;
}

/** Takes what a script made of an event that came as `text`: how many events that is, -1 where there is no saying it in this way. */
type Take = (value: unknown, text: string) => number;

/** How many blocks of a script may fail before its events are run one by one. */
export const PATIENCE = 3;
/** Characters that may come of a block. */
export const MAX_BLOCK = 1 << 19;
const MAX_BLOCK_MS = 100;
/** Characters that wait as values to become text together, as far as the last ones tell. */
const PART_CHARS = 1 << 16;
/** How many wait at most: where each is a thousand times what the last ones were, memory is left. */
const PART_VALUES = 16;
const BRACE = 0x7b;

/** Builds what runs all events of a block, or says that they are to be run one by one: nothing that it does has an effect. */
export function makeBlockRunner({ now, call, keep, results, outbox }: BlockParts): (batch: Batch) => void {
  /** Whether all events of a block were run, and taken. */
  const runAll = ({ batch, script, state, until }: Run, made: Made, take: Take): boolean => {
    const [unit] = script.units;
    if (!unit) return false;
    // Behind a line break at its end there is an empty line, which is no object.
    for (let at = batch.at; at <= batch.text.length; ) {
      if (batch.text.charCodeAt(at) !== BRACE) return false;
      const found = batch.text.indexOf('\n', at);
      const end = found < 0 ? batch.text.length : found;
      const text = batch.text.slice(at, end);
      at = end + 1;
      const value = call(unit, script, state, JSON.parse(text));
      const count = isThenable(value) || hasTold(script, state) ? -1 : take(value, text);
      if (count < 0) return false;
      made.counts.push(count);
      made.isEven &&= count === 1;
      // Nobody else had a turn, and nothing was said of it: no block takes long or comes to much.
      if (made.size > MAX_BLOCK || (now() >= until && at < batch.text.length)) return false;
    }
    return true;
  };

  /** A line for each event, as it is when it is alone. */
  const linesOf = (run: Run): Made | undefined => {
    const made = nothing();
    const { texts } = made;
    const take: Take = (value, text) => {
      const before = texts.length;
      if (value === keep) texts.push(results.line(text));
      else if (!results.add(texts, run.state, value)) return -1;
      for (let one = before; one < texts.length; one++) made.size += texts[one]?.length ?? 0;
      return texts.length - before;
    };
    return runAll(run, made, take) ? made : undefined;
  };

  /** Many values become text in one go, which takes a fifth less of the whole than a text for each. */
  const listOf = (run: Run): Made | undefined => {
    const made = nothing();
    const { script } = run;
    const { eventsOut } = script.flags.limits;
    let values: object[] = [];
    let count = 0;
    const toText = (): boolean => {
      if (values.length === 0) return true;
      const text = results.list(values);
      if (text === undefined) return false;
      script.weight = text.length / values.length;
      made.texts.push(text);
      made.size += text.length;
      values = [];
      return made.size <= MAX_BLOCK;
    };
    const add = (value: unknown): boolean => {
      if (isNoEvent(value)) return true;
      script.inLists = value !== keep && isPlainEvent(value);
      if (!script.inLists) return false;
      values.push(value as object);
      count++;
      const isPart = values.length === PART_VALUES || values.length * script.weight >= PART_CHARS;
      return !isPart || toText();
    };
    const take: Take = value => {
      count = 0;
      if (!Array.isArray(value)) return add(value) ? count : -1;
      if (value.length > eventsOut) return -1;
      // As an event that is alone is read: a list of a script's own may have methods of its own.
      for (const one of value) if (!add(one)) return -1;
      return count;
    };
    return runAll(run, made, take) && toText() ? made : undefined;
  };

  const answer = ({ first }: Batch, { texts, size, counts, isEven }: Made, isList: boolean): void => {
    const told = isEven ? '' : counts.join(',');
    if (isList) outbox.addList(`[${first},[${told}]]`, texts);
    else {
      const sizes = size === 0 ? '' : size + texts.length;
      texts.push('');
      outbox.add({ head: `[${first},4,[${sizes}],[${told}]]`, body: '', lines: texts });
    }
  };

  return batch => {
    const { script, first } = batch;
    let made: Made | undefined;
    let isList = false;
    try {
      if (script && isPlain(script)) {
        const state = newState(first, script.flags);
        const run = { batch, script, state, until: now() + MAX_BLOCK_MS };
        isList = script.inLists;
        if (isList) made = listOf(run);
        if (!script.inLists && now() < run.until) {
          isList = false;
          made = linesOf(run);
        }
        // As an event becomes JSON, a getter of its own may have told something.
        if (hasTold(script, state)) made = undefined;
      } else if (script) script.patience = 0;
    } catch {
      // Whose fault it is, and where, is told by the event itself.
    }
    if (script) script.patience = Math.min(PATIENCE, script.patience + (made ? 1 : -1));
    if (made) answer(batch, made, isList);
    else outbox.add({ head: `[${first},5,${script && script.patience > 0 ? 0 : 1}]`, body: '' });
  };
}

function nothing(): Made {
  return { texts: [], size: 0, counts: [], isEven: true };
}

function isNoEvent(value: unknown): boolean {
  return value === undefined || value === null || value === false || value === '';
}

/** Whether its JSON is the same in a list as alone: it might ask where it stands. */
function isPlainEvent(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('toJSON' in value);
}

/** It has logged, or asked the store or the network for something, or set something there, without naming them; who asks does so again. */
function hasTold(script: Script, { logs, writes, kvPending, waiting }: EventState): boolean {
  const hasAsked = writes !== undefined || kvPending > 0 || waiting > 0;
  if (hasAsked) script.patience = 0;
  return hasAsked || logs.length > 0;
}

function isPlain({ units, flags }: Script): boolean {
  return (
    units.length === 1 &&
    !(flags.kv || flags.console || flags.timers || flags.promises || flags.idle || flags.error)
  );
}
