import type { Call } from '../../core/call.ts';

/** Thrown at a call's deadline, whatever the warehouse is doing. */
export class DeadlineError extends Error {
  constructor() {
    super('the deadline has passed');
    this.name = 'DeadlineError';
  }
}

/** The longest that timers and servers can count, in milliseconds. */
const LONGEST_MS = 2 ** 31 - 1;

/** Milliseconds until the call's deadline; 0: it has passed. */
export function msLeft(call: Call): number {
  return Math.min(LONGEST_MS, Math.max(0, Math.floor(call.deadline - Date.now())));
}

/** Rejects with {@link DeadlineError} at the call's deadline; what still runs then ends unheard. */
export async function beforeDeadline<T>(call: Call, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineError()), msLeft(call));
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, end]);
  } finally {
    clearTimeout(timer);
  }
}

/** As {@link beforeDeadline}, and rejects as soon as the caller is gone too: for reads, of which nothing is left then. */
export async function whileAwaited<T>(call: Call, work: Promise<T>): Promise<T> {
  const { promise: gone, reject } = Promise.withResolvers<never>();
  const leave = (): void => reject(new DeadlineError());
  gone.catch(() => undefined);
  if (call.signal?.aborted) leave();
  call.signal?.addEventListener('abort', leave);
  try {
    return await beforeDeadline(call, Promise.race([work, gone]));
  } finally {
    call.signal?.removeEventListener('abort', leave);
  }
}
