import { createHash } from 'node:crypto';
import type { Verdict } from '../faults/check.ts';
import type { Random } from '../support/random.ts';
import type { Clock } from './clock.ts';
import type { Counts } from './counts.ts';
import type { SimulatedNats } from './nats.ts';

/** What came of a run. */
export interface Run {
  verdict: Verdict;
  /** Of all that was ever stored, with its times and ids: the same for two runs that went the same way. */
  fingerprint: string;
  /** How many there were of each: calls by function, requests, messages that were stored, troubles by their kind. */
  counts: Counts;
}

/** A run that is still to be made; all of it follows from the numbers that it is given. */
export type Work = (clock: Clock, random: Random) => Promise<Run>;

/** A hash of all that was ever stored. */
export function fingerprintOf({ stored }: SimulatedNats): string {
  const found = createHash('sha256');
  for (const { seq, subject, headers, data, time } of stored)
    found.update(`${seq} ${subject} ${time} ${[...(headers ?? [])].join(' ')} `).update(data);
  return found.digest('hex').slice(0, 12);
}
