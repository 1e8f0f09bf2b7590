import type { Observed, Stored } from './observed.ts';

/** What is wrong with a run, each in words. */
export interface Verdict {
  /** What was acknowledged and is not there, what a listing or a watch left out, rows and items that are missing. */
  lost: string[];
  /** What was done more than once. */
  doubled: string[];
  /** Reads that did not see what was acknowledged before they began. */
  stale: string[];
  /** Everything else: order, halves of transactions, locks held twice, refused writes that are there, untrue codes. */
  wrong: string[];
}

/** Holds what was seen against what kvflow promises. It finds what it is given, so it is only as good as {@link Observed} is complete. */
export function check(observed: Observed): Verdict {
  const verdict: Verdict = { lost: [], doubled: [], stale: [], wrong: [...observed.untrue] };
  const byId = new Map<string, Stored[]>();
  for (const stored of observed.stored) {
    byId.set(stored.id, [...(byId.get(stored.id) ?? []), stored]);
  }
  checkWrites(observed, byId, verdict);
  checkReads(observed, verdict);
  checkOrder(observed, byId, verdict);
  checkTransactions(observed, byId, verdict);
  checkCounters(observed, verdict);
  checkWatches(observed, verdict);
  checkLocks(observed, verdict);
  checkQueue(observed, verdict);
  checkRows(observed, verdict);
  for (const missing of observed.listings) {
    if (missing.length > 0) verdict.lost.push(`a listing left out ${missing.slice(0, 3).join(', ')}`);
  }
  return verdict;
}

function checkWrites({ writes }: Observed, byId: Map<string, Stored[]>, verdict: Verdict): void {
  for (const { key, id, outcome, code, revision, began, ended } of writes) {
    const stored = byId.get(id) ?? [];
    if (stored.length > 1) verdict.doubled.push(`${key}=${id} is stored ${stored.length} times`);
    if (outcome === 'acked' && stored.length === 0) verdict.lost.push(`${key}=${id} was acknowledged`);
    if (outcome === 'refused' && stored.length > 0)
      verdict.wrong.push(`${key}=${id} was refused (${code}) and is there, from ${began} to ${ended}`);
    if (outcome === 'acked' && stored[0] && revision !== undefined && stored[0].revision !== revision) {
      verdict.wrong.push(`${key}=${id} has revision ${stored[0].revision} and was answered ${revision}`);
    }
  }
}

/** A read sees at least what was acknowledged for its key before it began. */
function checkReads({ writes, reads }: Observed, verdict: Verdict): void {
  const acked = new Map<string, { ended: number; revision: number }[]>();
  for (const { key, outcome, revision, ended } of writes) {
    if (outcome !== 'acked' || revision === undefined) continue;
    acked.set(key, [...(acked.get(key) ?? []), { ended, revision }]);
  }
  for (const { key, revision = 0, began } of reads) {
    const before = (acked.get(key) ?? []).filter(({ ended }) => ended < began);
    const least = Math.max(0, ...before.map(write => write.revision));
    if (revision < least)
      verdict.stale.push(`${key} was read at ${revision}, ${least} was acknowledged before`);
  }
}

function checkOrder({ writes }: Observed, byId: Map<string, Stored[]>, verdict: Verdict): void {
  const last = new Map<string, { order: number; revision: number }>();
  const ordered = writes
    .filter(write => write.order !== undefined)
    .sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
  for (const { key, id, order = 0 } of ordered) {
    const revision = byId.get(id)?.[0]?.revision;
    if (revision === undefined) continue;
    const before = last.get(key);
    if (before && before.revision > revision)
      verdict.wrong.push(`${key}=${id} is stored before what was written earlier`);
    last.set(key, { order, revision });
  }
}

function checkTransactions(
  { transactions, snapshots }: Observed,
  byId: Map<string, Stored[]>,
  verdict: Verdict,
): void {
  for (const ids of transactions) {
    const there = ids.filter(id => byId.has(id));
    if (there.length > 0 && there.length < ids.length)
      verdict.wrong.push(`half of the transaction ${ids.join(', ')} is stored`);
  }
  for (const seen of snapshots) {
    if (seen.some(Boolean) && !seen.every(Boolean))
      verdict.wrong.push('a consistent read saw half of a transaction');
  }
}

function checkCounters({ counters }: Observed, verdict: Verdict): void {
  for (const { key, answers, unknown, final } of counters) {
    if (final < answers.length)
      verdict.lost.push(`${key} is ${final}, ${answers.length} steps were acknowledged`);
    const most = answers.length + unknown;
    if (final > most) verdict.doubled.push(`${key} is ${final}, at most ${most} steps were taken`);
    if (new Set(answers).size < answers.length) verdict.doubled.push(`${key} answered one value twice`);
  }
}

function checkWatches({ watches, stored }: Observed, verdict: Verdict): void {
  for (const seen of watches) {
    const all = new Set(seen);
    const missing = stored.filter(({ revision }) => !all.has(revision));
    if (missing.length > 0) {
      verdict.lost.push(
        `a watch left out ${missing.length}: ${missing
          .slice(0, 3)
          .map(({ key, revision }) => `${key} at ${revision}`)
          .join(', ')}`,
      );
    }
    if (all.size < seen.length)
      verdict.doubled.push(`a watch delivered ${seen.length - all.size} revisions twice`);
    if (seen.some((revision, index) => index > 0 && revision < (seen[index - 1] ?? 0)))
      verdict.wrong.push('a watch went back');
  }
}

function checkLocks({ held }: Observed, verdict: Verdict): void {
  const inOrder = [...held].sort((a, b) => a.from - b.from);
  for (const [index, { key, from, fence }] of inOrder.entries()) {
    const before = inOrder.slice(0, index).filter(other => other.key === key);
    if (before.some(({ to }) => to > from)) verdict.wrong.push(`lock ${key} was held twice`);
    if (before.some(other => other.fence >= fence))
      verdict.wrong.push(`a later holder of ${key} has no greater fence`);
  }
}

function checkQueue({ queue, queueInfo }: Observed, verdict: Verdict): void {
  for (const { id, pushed, done, open, end } of queue) {
    if (done > 1) verdict.doubled.push(`item ${id} was done ${done} times`);
    if (done > 0 && (end === 'left' || end === 'dead')) verdict.wrong.push(`item ${id} is done and ${end}`);
    if (pushed === 'refused' && (done > 0 || end)) verdict.wrong.push(`item ${id} was refused and is there`);
    if (done > 0) continue;
    // A dead letter is told, and so it is not lost.
    if (pushed === 'acked' && !end) verdict.lost.push(`item ${id} was acknowledged`);
    if (end === 'left') verdict.lost.push(`item ${id} is in the queue, and no taker gets it`);
    if (end === 'gone' && !open) verdict.lost.push(`item ${id} was ended, and nobody was done with it`);
  }
  for (const [told, end] of [
    ['length', 'left'],
    ['dead', 'dead'],
  ] as const) {
    const stored = queue.filter(item => item.end === end).length;
    if (queueInfo[told] !== stored)
      verdict.wrong.push(`the queue has ${stored} ${told}, and kvflow tells of ${queueInfo[told]}`);
  }
}

function checkRows({ rows }: Observed, verdict: Verdict): void {
  for (const { event, user, found } of rows) {
    if (found.length === 0) verdict.lost.push(`event ${event} has no row`);
    if (found.length > 1) verdict.doubled.push(`event ${event} has ${found.length} rows`);
    if (found.length === 1 && found[0] !== user)
      verdict.wrong.push(`event ${event} is from ${found[0]}, not ${user}`);
  }
}
