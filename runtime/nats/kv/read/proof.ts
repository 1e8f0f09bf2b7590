import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import { untilOwnDeadline } from '../../../core/own-deadline.ts';
import { firstWithin } from '../../../core/within-time.ts';
import type { JsApi } from '../../js-api.ts';
import type { Newest } from '../../newest.ts';
import { noAnswer } from '../../request-errors.ts';
import { isMirrored } from '../bucket/copies.ts';
import type { LedStream, Proven } from './leader-lease.ts';
import type { StoredMessage } from './stored-message.ts';
import { fromDirect } from './stored-message.ts';

/** What was shown of the last messages of subjects. */
interface Proof {
  leader: string | undefined;
  messages: ReadonlyMap<string, StoredMessage>;
  /** What is not among them is not there; or it was not answered for their size; or nothing is known of it. */
  others: 'not there' | 'left out' | 'unknown';
}

/** Subjects that are asked for together. */
interface Batch {
  readonly subjects: Set<string>;
  readonly proof: Promise<Proof | undefined>;
}

/** The batches of a stream: one is under way, and the next gathers those who read meanwhile. */
interface Line {
  last: Promise<unknown>;
  gathering?: Batch | undefined;
  /** A subject that there was a message of: asked for with what is not there, it has a copy say how far it came. */
  witness?: string | undefined;
}

/** So long an answer that shows how new it is may take; so often, and after such pauses, copies that are a moment late are asked again. */
const [PROOF_MS, PROOF_TRIES, REPLICA_LAG_MS] = [200, 5, 2];
/** A copy that says nothing for as long again as the leader took to answer, and for no less than this, may be one that is away. */
const SILENT_MS = 2;
/** The server answers more than 1,024 with an error. */
const MAX_SUBJECTS = 512;
const MAX_LINES = 10_000;

const lines = new WeakMap<JsApi, Map<string, Line>>();

/**
 * The last message of a subject by a copy of the stream that says to which revision it had come, which is no earlier than what the leader
 * says, by its name, of itself. A message of a leader does not say whose it is. Those who read at the same time are answered by
 * the same two requests, which are sent after the last of them began.
 */
export async function proveLast(
  call: Call,
  at: LedStream,
  { subject, leader }: { subject: string; leader: string | undefined },
): Promise<Proven<StoredMessage | undefined>> {
  for (;;) {
    const proof = await untilOwnDeadline(call, join(at, subject), noAnswer).catch(orUnproven);
    if (!proof) return undefined;
    const { leader: led, messages, others } = proof;
    if (led !== leader) return 'another leads';
    const answer = messages.get(subject);
    if (answer || others === 'not there') return { answer };
    if (others === 'unknown') return undefined;
  }
}

function join(at: LedStream, subject: string): Promise<Proof | undefined> {
  const line = lineOf(at);
  if (!line.gathering || line.gathering.subjects.size >= MAX_SUBJECTS) line.gathering = begin(at, line);
  line.gathering.subjects.add(subject);
  return line.gathering.proof;
}

function begin(at: LedStream, line: Line): Batch {
  const subjects = new Set<string>();
  const { last } = line;
  const whenSent = async () => {
    await last;
    // Those who were answered together mostly read on together.
    await nextTurn();
    if (line.gathering === batch) line.gathering = undefined;
    return await prove(at, line, subjects).catch(orUnproven);
  };
  const batch = { subjects, proof: whenSent() };
  line.last = batch.proof;
  return batch;
}

async function prove(at: LedStream, line: Line, subjects: ReadonlySet<string>): Promise<Proof> {
  const { witness } = line;
  const soon = { deadline: Date.now() + PROOF_MS };
  const copies = askCopies(
    soon,
    at,
    witness === undefined ? [...subjects] : [...new Set([...subjects, witness])],
  );
  const asked = performance.now();
  const { cluster, state } = await at.api.streamInfo(soon, at.stream);
  const found = await copies.newestFrom(state.last_seq, Math.max(SILENT_MS, performance.now() - asked));
  const messages = (found?.messages ?? []).flatMap(msg => fromDirect(at, msg) ?? []);
  const leader = cluster?.leader;
  line.witness = messages.at(-1)?.subject;
  // A mirror has revisions of its own.
  if (!found || messages.length === 0 || isMirrored(at))
    return { leader, messages: new Map(), others: 'unknown' };
  const bySubject = new Map(messages.map(message => [message.subject, message]));
  // Beside the witness at least one was answered, so that there are fewer each time.
  const others = found.isWhole ? 'not there' : messages.length > 1 ? 'left out' : 'unknown';
  return { leader, messages: bySubject, others };
}

/** Asks one copy at once, whichever it is, and more where it is late or says nothing. */
function askCopies(soon: Call, { api, stream }: LedStream, subjects: readonly string[]) {
  const asked = new Set<Promise<Newest>>();
  let heard = false;
  ask();
  return { newestFrom };

  function ask(): void {
    heard = false;
    const newest = api.newestOf(soon, { stream, subjects, heard: () => (heard = true) });
    newest.catch(() => undefined); // Another may have answered.
    asked.add(newest);
  }

  /** Undefined where none had come so far, or none answered. */
  async function newestFrom(least: number, silentMs: number): Promise<Newest | undefined> {
    for (let tries = 1; asked.size > 0; ) {
      const mayAsk = tries < PROOF_TRIES;
      const waitMs = heard || !mayAsk ? soon.deadline - Date.now() : silentMs;
      const first = await firstWithin(
        waitMs,
        [...asked].map(answer => answer.then(newest => ({ newest, answer }))),
      );
      if (first && first.newest.upTo >= least) return first.newest;
      if (!first && Date.now() >= soon.deadline) return undefined;
      if (first) {
        asked.delete(first.answer);
        await sleep(REPLICA_LAG_MS);
      }
      if (!mayAsk || (!first && heard)) continue;
      tries += 1;
      ask();
    }
    return undefined;
  }
}

/** Nobody answers so, or not in time: it is read without. */
function orUnproven(error: unknown): undefined {
  if (!(error instanceof PackError)) throw error;
}

function lineOf({ api, stream }: LedStream): Line {
  const all = lines.get(api) ?? new Map<string, Line>();
  lines.set(api, all);
  if (all.size >= MAX_LINES) all.clear();
  const line = all.get(stream) ?? { last: Promise.resolve() };
  all.set(stream, line);
  return line;
}
