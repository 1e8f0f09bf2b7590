import type { SandboxStats } from '../types.ts';
import type { Attempt } from './attempt.ts';
import type { Losses } from './losses.ts';
import type { Quarantine } from './quarantine.ts';
import type { Supply } from './supply.ts';

/** A worker in the service of one namespace, and the events waiting for it. */
export interface Lane {
  namespace: string;
  /** Who made the call that it was begun for. */
  tenant: string;
  /** Events waiting and running. */
  load(): number;
  /** Since when there is nothing to do, in ms; Infinity while there is. */
  idleSince(): number;
  /** How long what it has will take, in ms; Infinity where that is not known yet. */
  backlogMs(): number;
  push(attempts: Attempt[]): void;
  /** Since when it has been at work with this worker, in ms; Infinity while there is nothing to do. */
  busySince(): number;
  /** It has been busy for long while others are too: they have the processor first until it is idle. */
  stepBack(): void;
  /** Gives up its worker as soon as an event is done: others wait. */
  yieldSoon(): void;
  /** Ends a worker that shows no sign of life; called every few ms. */
  watch(now: number): void;
  close(): void;
  /** Process id of the worker, 0 when there is none now. */
  pid(): number;
}

/** What a lane shares with the rest of the sandbox. */
export interface LaneContext {
  takeWorker: Supply['take'];
  losses: Losses;
  quarantine: Quarantine;
  stats: SandboxStats;
  /** Resident bytes above which an idle worker is replaced. */
  maxResident: number;
  onIdle: () => void;
  tenant: string;
  /** It has given up its worker, with these not done. */
  onYield: (lane: Lane, attempts: Attempt[]) => void;
  /** Takes what has to run again after that. */
  resubmit: (attempts: Attempt[]) => void;
}
