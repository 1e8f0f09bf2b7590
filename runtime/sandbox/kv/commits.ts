import type { ErrorCode } from '../../../contract/errors.ts';
import { PackError } from '../../../contract/errors.ts';
import type { ScriptKv, ScriptKvCheck, ScriptKvWrite } from '../ports.ts';

/** What one event leaves behind: the keys it only read, as they have to be still, and what it writes. */
export interface EventCommit {
  checks: ScriptKvCheck[];
  writes: ScriptKvWrite[];
}

/**
 * Stored, with the new revisions of its keys; or the keys that somebody else wrote in between, none where that is not known;
 * or not tried, since one before it has to go first.
 */
export type EventOutcome = { revisions: Map<string, number> } | { conflicts: string[] } | { behind: true };

/** Stores what the events of one call leave behind, several together where they wait together. */
export interface Commits {
  /** Never stored in part. Throws PackError. */
  store(commit: EventCommit): Promise<EventOutcome>;
}

interface Waiting extends EventCommit {
  size: number;
  done: (outcome: EventOutcome) => void;
  fail: (error: unknown) => void;
}

/** The server takes 1,000 messages in one commit, guards of keys that are only read among them. */
const MOST_MESSAGES = 500;
const MOST_CHARS = 2 << 20;
/** Fewer compare-and-sets at once cost less one by one. */
const FEWEST_SINGLES = 32;
const MOST_UNDER_WAY = 2;
/** Nothing was stored, and one of the events alone may be the reason: each is tried by itself. */
const DEFINITE = new Set<ErrorCode>([
  'INVALID_INPUT',
  'VALUE_TOO_LARGE',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED',
  'BUCKET_FULL',
]);

/**
 * For one call. What waits together is one commit, but for a few that touch one key each: those go by themselves, as
 * compare-and-sets, which cost less. `ordered`: one after the other in the order they came, and what
 * waits behind one that was not stored has to be run again.
 */
export function createCommits(kv: ScriptKv, { ordered }: { ordered: boolean }): Commits {
  let waiting: Waiting[] = [];
  let underWay = 0;
  let alone = false;
  const mostUnderWay = ordered ? 1 : MOST_UNDER_WAY;

  return {
    store(commit) {
      if (commit.writes.length === 0) return storeOne(commit);
      return new Promise((done, fail) => {
        waiting.push({ ...commit, size: sizeOf(commit), done, fail });
        if (waiting.length === 1) setImmediate(flush);
      });
    },
  };

  function flush(): void {
    while (underWay < mostUnderWay && waiting.length > 0) {
      const group = takeGroup();
      underWay++;
      void storeGroup(group).finally(() => {
        underWay--;
        flush();
      });
    }
  }

  /** From the front, as many as fit into one commit and do not touch what another writes. */
  function takeGroup(): Waiting[] {
    const written = new Set<string>();
    const read = new Set<string>();
    let messages = 0;
    let chars = 0;
    let count = 0;
    for (const { checks, writes, size } of waiting) {
      messages += checks.length + writes.length;
      chars += size;
      const full = messages > MOST_MESSAGES || chars > MOST_CHARS || alone;
      const meets =
        writes.some(({ key }) => written.has(key) || read.has(key)) ||
        checks.some(({ key }) => written.has(key) || read.has(key));
      if (count > 0 && (full || meets)) break;
      count++;
      for (const { key } of writes) written.add(key);
      for (const { key } of checks) read.add(key);
    }
    return waiting.splice(0, count);
  }

  async function storeGroup(group: Waiting[]): Promise<void> {
    const [first] = group;
    if (group.length === 1 && first) return await settle(first);
    if (!ordered && group.length < FEWEST_SINGLES && group.every(isSingle)) {
      await Promise.all(group.map(settle));
      return;
    }
    try {
      const outcome = await storeOne({
        checks: group.flatMap(({ checks }) => checks),
        writes: group.flatMap(({ writes }) => writes),
      });
      if ('revisions' in outcome) for (const { done } of group) done(outcome);
      else await withoutThose(group, new Set(outcome.conflicts));
    } catch (error) {
      if (!(error instanceof PackError) || !DEFINITE.has(error.code)) {
        for (const { fail } of group) fail(error);
        return;
      }
      // A bucket of old, or one that is full: the next ones will not fare better together.
      alone ||= error.code === 'UNSUPPORTED';
      for (const one of group) await settle(one);
    }
  }

  /** Those whose keys were written by somebody else run again; in order, so do all behind the first of them. */
  async function withoutThose(group: Waiting[], keys: Set<string>): Promise<void> {
    const meets = ({ checks, writes }: EventCommit): boolean =>
      keys.size === 0 || [...checks, ...writes].some(({ key }) => keys.has(key));
    const first = group.findIndex(meets);
    const again = group.filter((one, at) => (ordered ? at >= first : meets(one)));
    const others = group.filter(one => !again.includes(one));
    for (const one of again) one.done(meets(one) ? { conflicts: [...keys] } : { behind: true });
    if (ordered) bounce();
    if (others.length > 0) await storeGroup(others);
  }

  async function settle(one: Waiting): Promise<void> {
    try {
      const outcome = await storeOne(one);
      if (ordered && 'conflicts' in outcome) bounce();
      one.done(outcome);
    } catch (error) {
      if (ordered) bounce();
      one.fail(error);
    }
  }

  /** What waits behind one that was not stored may not go before it. */
  function bounce(): void {
    const behind = waiting;
    waiting = [];
    for (const { done } of behind) done({ behind: true });
  }

  async function storeOne({ writes, checks }: EventCommit): Promise<Exclude<EventOutcome, { behind: true }>> {
    const outcome = await kv.commit(writes, checks);
    return outcome.ok ? { revisions: outcome.revisions } : { conflicts: outcome.keys };
  }
}

function isSingle({ checks, writes }: EventCommit): boolean {
  return writes.length === 1 && checks.length === 0;
}

function sizeOf({ writes }: EventCommit): number {
  let size = 0;
  for (const { json } of writes) size += json?.length ?? 0;
  return size;
}
