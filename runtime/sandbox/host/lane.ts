import type { ScriptFault } from '../types.ts';
import { type Attempt, faultOf } from './attempt.ts';
import { createBacklog } from './backlog.ts';
import { blame } from './blame.ts';
import { createDefinitions } from './definitions.ts';
import { createLaneCancels } from './lane-cancels.ts';
import { createLaneCpu } from './lane-cpu.ts';
import { createReplies } from './lane-frames.ts';
import { createLaneOutput } from './lane-output.ts';
import { createLaneQueue } from './lane-queue.ts';
import { createLaneSender } from './lane-sender.ts';
import type { Lane, LaneContext } from './lane-types.ts';
import { afterReading, createLiveness } from './liveness.ts';
import { onceATurn } from './once-a-turn.ts';
import { createResidentCheck } from './resident-check.ts';
import { createRunning } from './running.ts';
import type { EndReason, WorkerProcess } from './worker-process.ts';

/** Sends events in frames, takes records back, and finds out who killed a worker. */
export function createLane(namespace: string, context: LaneContext): Lane {
  const { losses, tenant } = context;
  const queue = createLaneQueue();
  const running = createRunning();
  const life = createLiveness();
  let worker: WorkerProcess | undefined;
  let start: 'none' | 'asked for' | 'under way' = 'none';
  let closed = false;
  let definitions = createDefinitions();
  const replies = createReplies(text => worker?.send('K', text));
  const output = createLaneOutput({ running, life, replies, stats: context.stats, again, split, pump });
  const cpu = createLaneCpu({ running: () => running.oldest()?.call.cpu, waits: output.waits });
  const sender = createLaneSender({
    queue,
    running,
    life,
    cpu,
    room: () => Math.ceil(output.window()) - running.size() - output.committing(),
    worker: () => worker && { worker, definitions },
    refused,
    pump,
  });
  const isTooLarge = createResidentCheck(context.maxResident);
  let idleAt = Date.now();
  const cancels = createLaneCancels();
  let busySince = Number.POSITIVE_INFINITY;
  let isBehind = false;
  let mustYield = false;
  let yielded = false;
  /** Calls that come in the same turn of the event loop go to the worker together: fewer frames, both ways. */
  const pumpSoon = onceATurn(pump);

  const self = { again, drop };
  const load = (): number => queue.size() + running.size() + output.committing() + cancels.count();
  const backlog = createBacklog({ life, queue, running, load });
  const lane: Lane = {
    namespace,
    tenant,
    load,
    backlogMs: backlog.ms,
    // What starts is waited for: another would not come sooner. Who waits its turn for a start may give its place up.
    busySince: () => (mustYield || start === 'under way' ? Number.POSITIVE_INFINITY : busySince),
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
      backlog.add(attempts);
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
    if (!attempt.size) return [attempt];
    const all = attempt.call.split(attempt);
    for (const one of all) one.lane = self;
    return all;
  }

  /** Forgets events that were answered by the end of their call. The worker leaves them, or is left itself. */
  function drop(): void {
    queue.dropSettled();
    const settled = running.all().filter(attempt => attempt.settled);
    const ids = settled.map(running.idOf);
    for (const id of ids) running.remove(id);
    if (ids.length > 0 && worker) cancels.ask(worker, ids);
    pump();
  }

  function acknowledged(): boolean {
    if (!cancels.acknowledged()) return false;
    if (running.size() > 0) life.begin();
    restIfDone();
    pump();
    return true;
  }

  function retry(attempt: Attempt): void {
    if (yielded && !attempt.settled) return void context.resubmit([attempt]);
    if (!attempt.settled && !closed && !refused(attempt)) queue.pushAgain(attempt);
  }

  /** Sends what may be sent now. */
  function pump(): void {
    if (closed || queue.size() === 0) settleDown();
    else if (worker) sender.send();
    else startWorker();
  }

  function refused(attempt: Attempt): boolean {
    const fault = context.quarantine.refusal(attempt.definition.scriptKey);
    if (fault) {
      context.stats.quarantined++;
      attempt.call.fail(attempt, fault);
    }
    return fault !== undefined;
  }

  function startWorker(): void {
    if (start !== 'none') return;
    start = 'asked for';
    context.takeWorker(tenant, { isWanted, onStart: () => (start = 'under way') }).then(
      fresh => {
        start = 'none';
        if (!fresh) return pump();
        if (closed) return fresh.end('retired');
        worker = fresh;
        if (queue.size() > 0) busySince = Date.now();
        definitions = createDefinitions();
        output.restart();
        cpu.begin(fresh);
        fresh.listen(onFrame, reason => onEnd(fresh, reason));
        pump();
      },
      error => {
        start = 'none';
        failAll(faultOf(error));
      },
    );
  }

  function isWanted(): boolean {
    return !closed && queue.size() > 0;
  }

  function onFrame(kind: string, text: string, bytes?: Buffer): boolean {
    life.heard();
    if (kind === 'H') return life.heartbeat();
    if (kind === 'd') return life.defined();
    if (kind === 'a') return acknowledged();
    const done = context.stats.events;
    if (!output.take(kind, text, bytes)) return false;
    restIfDone();
    if (mustYield && context.stats.events > done) giveUp();
    pump();
    return true;
  }

  function restIfDone(): void {
    if (running.size() === 0 && cancels.count() === 0) cpu.rest();
  }

  function watch(now: number): void {
    life.calm();
    cpu.look();
    if (worker && cancels.count() > 0) {
      if (cancels.isOverdue(now)) abandon(worker, cancels.count());
      return;
    }
    if (!worker || running.size() === 0) return;
    if (life.lost(now, running.longestMs(), running.size(), output.waits()))
      confirmEnd(worker, life.lastHeard());
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
      if (worker !== busy || cancels.count() < unheard) return;
      losses.killed(tenant);
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
    if (old) losses.usedUp(tenant);
    old?.end('retired');
    for (const attempt of left) attempt.lane = undefined;
    left.sort((a, b) => a.seq - b.seq);
    context.onYield(lane, left);
  }

  /** What the worker had, none of it answered. */
  function leaveWorker(): Attempt[] {
    cpu.end();
    worker = undefined;
    isBehind = false;
    cancels.clear();
    output.restart();
    const lost = running.all().flatMap(singles);
    running.clear();
    for (const attempt of lost) attempt.call.freeKeys(attempt);
    return lost;
  }

  function onEnd(ended: WorkerProcess, reason: EndReason): void {
    if (worker !== ended) return;
    if (reason !== 'retired') {
      context.stats.killed[reason]++;
      losses.killed(tenant);
    }
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
    if (worker && isTooLarge(worker, now)) retire();
    context.onIdle();
  }

  function retire(): void {
    const old = worker;
    leaveWorker();
    losses.usedUp(tenant);
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
