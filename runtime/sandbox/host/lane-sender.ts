import type { Attempt } from './attempt.ts';
import type { createDefinitions } from './definitions.ts';
import type { LaneCpu } from './lane-cpu.ts';
import { eventsFrame } from './lane-frames.ts';
import type { LaneQueue } from './lane-queue.ts';
import type { Liveness } from './liveness.ts';
import type { Running } from './running.ts';
import type { WorkerProcess } from './worker-process.ts';

/** Sends what waits to the worker of a lane. */
export interface LaneSender {
  /** Sends what may be sent now. */
  send(): void;
}

/** What it works with. */
export interface LaneSenderContext {
  queue: LaneQueue;
  running: Running;
  life: Liveness;
  cpu: LaneCpu;
  /** Events that may join those that the worker has. */
  room(): number;
  /** The worker, and what it knows of; undefined where there is none now. */
  worker(): { worker: WorkerProcess; definitions: ReturnType<typeof createDefinitions> } | undefined;
  /** Answers an event whose script is refused. */
  refused(attempt: Attempt): boolean;
  pump(): void;
}

/**
 * Characters on their way: a frame that the worker runs, and the next one waiting in the pipe between us. A pipe takes some
 * 150 KB; one that is full is written to again only when it is nearly empty, while the worker waits for the rest.
 */
const WINDOW_CHARS = 160 * 1024;
const MAX_RETRIES = 100;

/** For one lane. */
export function createLaneSender({ queue, running, ...context }: LaneSenderContext): LaneSender {
  const { life, cpu, room, refused, pump } = context;
  let solo = false;
  return { send };

  function send(): void {
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
    for (let left = room(); left > 0 && running.unheard() < WINDOW_CHARS; left = room()) {
      const frame = queue.take(left);
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
    const to = context.worker();
    if (!to || !first) return;
    if (running.size() === 0) life.begin();
    const { id, isNew } = to.definitions.idOf(first.definition, to.worker);
    if (isNew && running.size() === 0) life.define();
    for (const attempt of attempts) attempt.reads = 0;
    cpu.send(first.call.cpu);
    to.worker.send('R', ...eventsFrame(attempts, id, running.add(attempts)));
  }
}
