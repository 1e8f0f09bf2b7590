import type { IDataObject, ITriggerFunctions } from 'n8n-workflow';
import type { Envelope } from '../shared/invoke';
import { dataOf, invoke } from '../shared/invoke';
import { pause } from './pause';
import { holdStream } from './stream';

/** What to follow. */
export interface Range extends IDataObject {
  bucket: string;
  filter: string;
}

/** How changes are followed. */
export interface FollowOptions {
  signal: AbortSignal;
  /** Called with what came together, in order; the place to go on from is noted by then. */
  tell(changes: IDataObject[]): void;
}

const WATCH = 'kv-key-watch';
const PAGE = 1_000;
/** How long a call waits for changes where no stream is held; milliseconds. */
const WAIT_MS = 20_000;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 10_000;
/** About a minute. Then n8n is told, which says so, runs the error workflow, and goes on trying. */
const MAX_FAILURES = 12;

interface Answer {
  events: IDataObject[];
  next: number;
  next_id?: string;
}

/**
 * The place is kept with the workflow, so that nothing is missed while it is off. Something new to follow begins "now".
 * Throws NodeApiError with what is wrong.
 */
export async function begin(node: ITriggerFunctions, range: Range): Promise<void> {
  const place = node.getWorkflowStaticData('node');
  const of = JSON.stringify(range);
  const input = place.of === of ? { ...onward(place), limit: 1 } : { start: 'new' };
  const { next, next_id } = toAnswer(node, await watch(node, { ...range, ...input }));
  if (place.of !== of) Object.assign(place, { of, next, next_id });
}

/**
 * Tells of every change once, in order, until the signal: by kvflow's stream, and by calls that wait where a stream is
 * not let through. Comes back by itself when kvflow does. Throws NodeApiError when kvflow is away for long, or refuses.
 */
export async function follow(
  node: ITriggerFunctions,
  range: Range,
  { signal, tell }: FollowOptions,
): Promise<void> {
  const place = node.getWorkflowStaticData('node');
  const { bucket, filter } = range;
  const note = (changes: IDataObject[], next: unknown, id: string | undefined) => {
    Object.assign(place, { next, next_id: id });
    if (changes.length > 0) tell(changes);
  };
  const noteStreamed = (changes: IDataObject[], id: string | undefined) =>
    note(changes, changes[changes.length - 1]?.revision, id);
  let held = true;
  let retryMs = FIRST_RETRY_MS;
  let failures = 0;
  while (!signal.aborted) {
    const envelope = await step().catch(unreachable);
    if (signal.aborted) return;
    if (envelope?.data) {
      const { events, next, next_id } = envelope.data as unknown as Answer;
      note(events, next, next_id);
      retryMs = FIRST_RETRY_MS;
      failures = 0;
    } else {
      failures += 1;
      if (envelope && (!envelope.error?.retryable || failures > MAX_FAILURES)) dataOf(node, envelope);
      // The server itself was away: what it answers when it is back may be a stream again.
      held = true;
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
    }
    if (held) await pause(retryMs, () => signal.aborted);
  }

  function unreachable(error: Error): undefined {
    if (failures >= MAX_FAILURES) throw error;
  }

  /** A stream for as long as it lasts, and then a call: it has what the stream left, or says why there is none. */
  async function step(): Promise<Envelope> {
    const after = (place.next_id ?? place.next) as number | string;
    if (held) held = await holdStream(node, { bucket, filter, after, signal, tell: noteStreamed });
    return await watch(node, { ...range, ...onward(place), wait_ms: held ? 0 : WAIT_MS }, signal);
  }
}

/** By the id, which says more than the revision; places noted before have none. */
function onward({ next, next_id }: IDataObject): IDataObject {
  return { start: 'new', ...(next_id === undefined ? { after: next } : { after_id: next_id }) };
}

/** A key as it is now, to build a workflow with. */
export async function sampleChanges(node: ITriggerFunctions, range: Range): Promise<IDataObject[]> {
  return toAnswer(node, await watch(node, { ...range, start: 'current', limit: 1 })).events;
}

function watch(node: ITriggerFunctions, input: IDataObject, abortSignal?: AbortSignal): Promise<Envelope> {
  return invoke(node, WATCH, { limit: PAGE, wait_ms: 0, ...input }, abortSignal && { abortSignal });
}

function toAnswer(node: ITriggerFunctions, envelope: Envelope): Answer {
  return dataOf(node, envelope) as unknown as Answer;
}
