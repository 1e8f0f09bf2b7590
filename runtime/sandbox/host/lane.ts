import type { ScriptFault } from '../types.ts';
import { type Attempt, faultOf } from './attempt.ts';
import { blame } from './blame.ts';
import { createDefinitions } from './definitions.ts';
import { createLaneCpu } from './lane-cpu.ts';
import { createReplies, eventsFrame } from './lane-frames.ts';
import { createLaneOutput } from './lane-output.ts';
import { createLaneQueue } from './lane-queue.ts';
import type { Lane, LaneContext } from './lane-types.ts';
import { createLiveness } from './liveness.ts';
import { createRunning } from './running.ts';
import type { EndReason, WorkerProcess } from './worker-process.ts';

/**
 * Characters on their way: a frame that the worker runs, and the next one waiting in the pipe between us. A pipe takes some
 * 150 KB; one that is full is written to again only when it is nearly empty, while the worker waits for the rest.
 */
const WINDOW_CHARS = 160 * 1024;
const MAX_RETRIES = 100;
const RESIDENT_CHECK_MS = 500;
/** What a worker is given to leave events that nobody wants any more. */
const CANCEL_MS = 150;

/** Sends events in frames, takes records back, and finds out who killed a worker. */
export function createLane(namespace: string, context: LaneContext): Lane {
  const queue = createLaneQueue();
  const running = createRunning();
  const life = createLiveness();
  let worker: WorkerProcess | undefined;
  let starting = false;
  let closed = false;
  let definitions = createDefinitions();
  const replies = createReplies(text => worker?.send('K', text));
  const output = createLaneOutput({ running, life, replies, stats: context.stats, again, split, pump });
  const cpu = createLaneCpu({ running: () => running.oldest()?.call.cpu, waits: output.waits });
  let lastResident = 0;
  let idleAt = Date.now();
  let solo = false;
  /** Cancellations that the worker has not acknowledged, and since when. */
  let cancels = 0;
  let cancelledAt = 0;
  let busySince = Number.POSITIVE_INFINITY;
  let isBehind = false;
  let mustYield = false;
  let yielded = false;
  let isPumpDue = false;

  const self = { again, drop };
  const load = (): number => queue.size() + running.size() + output.committing() + cancels;
  const lane: Lane = {
    namespace,
    tenant: context.tenant,
    load,
    busySince: () => (mustYield ? Number.POSITIVE_INFINITY : busySince),
    stepBack() {
      if (!isBehind && worker) isBehind = worker.stepBack(true);
    },
    yieldSoon() {
      mustYield = true;
      if (running.size() === 0) giveUp();
    },
    idleSince: () => (load() > 0 ? Number.POSITIVE_INFINITY : idleAt),
    push(attempts) {
      busySince = Math.min(busySince, Date.now());
      for (const attempt of attempts) {
        attempt.lane = self;
        if (!refused(attempt)) queue.push(attempt);
      }
      pumpSoon();
    },
    watch,
    close,
    pid: () => worker?.pid ?? 0,
  };
  return lane;

  /** Runs an attempt again, ahead of what waits: earlier events are what later ones wait for. */
  function again(attempt: Attempt): void {
    const id = running.idOf(attempt);
    if (id > 0) {
      running.remove(id);
      worker?.send('A', `[${id}]`);
    }
    retry(attempt);
    pump();
  }

  /** Runs the events of a block one by one. */
  function split(attempt: Attempt): void {
    for (const one of singles(attempt)) retry(one);
    pump();
  }

  function singles(attempt: Attempt): Attempt[] {
    if (!attempt.lengths) return [attempt];
    const all = attempt.call.split(attempt);
    for (const one of all) one.lane = self;
    return all;
  }

  /** Forgets events that were answered by the end of their call. The worker leaves them, or is left itself. */
  function drop(): void {
    queue.dropSettled();
    const ids = running
      .all()
      .filter(attempt => attempt.settled)
      .map(attempt => running.idOf(attempt));
    for (const id of ids) running.remove(id);
    if (ids.length > 0 && worker) {
      if (cancels++ === 0) cancelledAt = Date.now();
      worker.send('Q', JSON.stringify(ids));
    }
    pump();
  }

  function acknowledged(): boolean {
    if (cancels === 0) return false;
    cancels--;
    cancelledAt = Date.now();
    if (running.size() > 0) life.begin();
    restIfDone();
    pump();
    return true;
  }

  function retry(attempt: Attempt): void {
    if (yielded && !attempt.settled) {
      context.resubmit([attempt]);
      return;
    }
    if (!attempt.settled && !closed && !refused(attempt)) queue.pushAgain(attempt);
  }

  /** Calls that come in the same turn of the event loop go to the worker together: fewer frames, both ways. */
  function pumpSoon(): void {
    if (isPumpDue) return;
    isPumpDue = true;
    setImmediate(() => {
      isPumpDue = false;
      pump();
    });
  }

  /** Sends what may be sent now. */
  function pump(): void {
    if (closed || queue.size() === 0) settleDown();
    else if (worker) sendAll();
    else start();
  }

  function sendAll(): void {
    if (solo && running.size() > 0) {
      sendEarlier();
      return;
    }
    solo = queue.hasSuspect();
    if (solo) {
      sendSuspect();
      return;
    }
    for (let again = queue.takeAgain(MAX_RETRIES); again.length > 0; again = queue.takeAgain(MAX_RETRIES))
      sendFrame(again);
    for (let room = roomLeft(); room > 0 && running.unheard() < WINDOW_CHARS; room = roomLeft()) {
      const frame = queue.take(room);
      if (frame.length === 0) return;
      sendFrame(frame);
    }
  }

  /**
   * The event that is alone in the worker may wait for a key, whose holder waits for an earlier event of its call: that one
   * runs beside it, or both would wait until their call ends.
   */
  function sendEarlier(): void {
    const first = Math.min(...running.all().map(({ seq }) => seq));
    for (let next = queue.takeBefore(first); next.length > 0; next = queue.takeBefore(first)) sendFrame(next);
  }

  /** Events that may join those that the worker has. */
  function roomLeft(): number {
    return Math.ceil(output.window()) - running.size() - output.committing();
  }

  /** One event with the worker to itself: if it ends the worker, it was the one. */
  function sendSuspect(): void {
    while (running.size() === 0) {
      const next = queue.takeAgain(1);
      if (next.length === 0) break;
      sendFrame(next);
    }
    if (running.size() === 0) pump();
  }

  function sendFrame(frame: Attempt[]): void {
    const attempts = frame.filter(attempt => !attempt.settled && !refused(attempt));
    const [first] = attempts;
    if (!worker || !first) return;
    if (running.size() === 0) life.begin();
    const script = definitions.idOf(first.definition, worker);
    for (const attempt of attempts) attempt.reads = 0;
    cpu.send(first.call.cpu);
    worker.send('R', ...eventsFrame(attempts, script, running.add(attempts)));
  }

  function refused(attempt: Attempt): boolean {
    const fault = context.quarantine.refusal(attempt.definition.scriptKey);
    if (fault) {
      context.stats.quarantined++;
      attempt.call.fail(attempt, fault);
    }
    return fault !== undefined;
  }

  function start(): void {
    if (starting) return;
    starting = true;
    context.takeWorker().then(
      fresh => {
        starting = false;
        if (closed) {
          fresh.end('retired');
          return;
        }
        worker = fresh;
        definitions = createDefinitions();
        output.restart();
        cpu.begin(fresh);
        fresh.listen(onFrame, reason => onEnd(fresh, reason));
        pump();
      },
      error => {
        starting = false;
        failAll(faultOf(error));
      },
    );
  }

  function onFrame(kind: string, text: string, bytes?: Buffer): boolean {
    life.heard();
    if (kind === 'H') return life.heartbeat();
    if (kind === 'a') return acknowledged();
    const done = context.stats.events;
    if (kind !== 'O' || !output.take(text, bytes)) return false;
    restIfDone();
    if (mustYield && context.stats.events > done) giveUp();
    pump();
    return true;
  }

  function restIfDone(): void {
    if (running.size() === 0 && cancels === 0) cpu.rest();
  }

  function watch(now: number): void {
    life.calm();
    cpu.look();
    if (worker && cancels > 0) {
      if (now - cancelledAt > CANCEL_MS) abandon(worker, cancels);
      return;
    }
    if (!worker || running.size() === 0) return;
    let timeoutMs = 0;
    for (const attempt of running.all()) timeoutMs = Math.max(timeoutMs, attempt.definition.timeoutMs);
    if (life.lost(now, timeoutMs, running.size(), output.waits())) confirmEnd(worker, life.lastHeard());
  }

  /** A busy parent may simply not have read yet what the worker sent: one more look after the pipes were read. */
  function confirmEnd(suspect: WorkerProcess, heard: number): void {
    afterReading(() => {
      if (worker === suspect && life.lastHeard() === heard) suspect.end('time');
    });
  }

  /** The worker is still in a script that nobody waits for: what else it had begun is begun again in another one. */
  function abandon(busy: WorkerProcess, unheard: number): void {
    afterReading(() => {
      if (worker !== busy || cancels < unheard) return;
      const lost = leaveWorker();
      busy.end('retired');
      for (const attempt of lost) retry(attempt);
      pump();
    });
  }

  /** Between two events: what was begun begins again elsewhere, nothing of it is stored yet. */
  function giveUp(): void {
    if (closed) return;
    const old = worker;
    const left = [...leaveWorker(), ...queue.takeAll()].filter(attempt => !attempt.settled);
    closed = true;
    yielded = true;
    old?.end('retired');
    for (const attempt of left) attempt.lane = undefined;
    context.onYield(
      lane,
      left.sort((a, b) => a.seq - b.seq),
    );
  }

  /** What the worker had, none of it answered. */
  function leaveWorker(): Attempt[] {
    cpu.end();
    worker = undefined;
    isBehind = false;
    cancels = 0;
    output.restart();
    const lost = running.all().flatMap(singles);
    running.clear();
    for (const attempt of lost) attempt.kv?.reset();
    return lost;
  }

  function onEnd(ended: WorkerProcess, reason: EndReason): void {
    if (worker !== ended) return;
    if (reason !== 'retired') context.stats.killed[reason]++;
    const lost = leaveWorker();
    for (const attempt of blame(lost, reason, context.quarantine)) retry(attempt);
    pump();
  }

  function settleDown(): void {
    if (load() > 0) return;
    const now = Date.now();
    idleAt = now;
    busySince = Number.POSITIVE_INFINITY;
    mustYield = false;
    if (isBehind && worker) {
      isBehind = false;
      // Only root may take it back.
      if (!worker.stepBack(false)) retire();
    }
    if (worker && now - lastResident > RESIDENT_CHECK_MS) {
      lastResident = now;
      if (worker.resident() > context.maxResident) retire();
    }
    context.onIdle();
  }

  function retire(): void {
    const old = worker;
    cpu.end();
    worker = undefined;
    cancels = 0;
    context.stats.recycled++;
    old?.end('retired');
  }

  function failAll(fault: ScriptFault): void {
    const all = [...queue.takeAll(), ...running.all()];
    running.clear();
    for (const attempt of all) attempt.call.fail(attempt, fault);
    settleDown();
  }

  function close(): void {
    closed = true;
    const old = worker;
    cpu.end();
    worker = undefined;
    failAll({ code: 'UNAVAILABLE', message: 'transform: the sandbox is closing.' });
    old?.end('retired');
  }
}

/** The pipes of this process are read before what is done here. */
function afterReading(then: () => void): void {
  setImmediate(() => setImmediate(then));
}
