import { createStore } from '../lib/store.ts';

/** Whether calls can work. `down`: kvflow itself does not answer; `degraded`: it answers, NATS does not. */
export type Health = { state: 'up' } | { state: 'degraded' | 'down'; reason: string };

const CALM_MS = 10_000;
const ANXIOUS_MS = 1_500;

/** What the last look at /readyz found. */
export const health = createStore<Health>({ state: 'up' });

let timer: ReturnType<typeof setTimeout> | undefined;
let looking = false;

/** Looks at once, and then again and again: rarely while all is well, often while it is not. */
export async function watchHealth(): Promise<void> {
  if (looking) return;
  looking = true;
  clearTimeout(timer);
  const found = await look();
  if (found.state !== 'up' || health.get().state !== 'up') health.set(found);
  looking = false;
  timer = setTimeout(watchHealth, found.state === 'up' ? CALM_MS : ANXIOUS_MS);
}

/** A call has failed as it does when NATS or kvflow is away: looks at once instead of when the time comes. */
export function reportTrouble(): void {
  void watchHealth();
}

/** Resolves once kvflow answers, whatever NATS does, or it is no longer waited for. Meanwhile {@link health} says that it does not. */
export async function untilAnswered(signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (await look()).state === 'down') {
    reportTrouble();
    await new Promise(resolve => setTimeout(resolve, ANXIOUS_MS));
  }
}

async function look(): Promise<Health> {
  try {
    const response = await fetch('/readyz', { signal: AbortSignal.timeout(5_000), credentials: 'omit' });
    if (response.ok) return { state: 'up' };
    const body = (await response.json()) as { error?: { message?: string } };
    return { state: 'degraded', reason: body.error?.message ?? 'NATS is out of reach' };
  } catch {
    return { state: 'down', reason: 'kvflow does not answer' };
  }
}
