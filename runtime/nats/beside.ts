/**
 * What is waited for of all that was asked for one after the other: so many of the first, which may be answered yet however slow the
 * servers are, and what was asked for last. The rest is let go, so that an outage leaves no more than a few behind on the servers.
 */
const KEPT = 3;

/** Something that is waited for, and may be given up. */
export interface Waited {
  /** It is waited for no more: what it has on a server, or still will have, is ended. */
  letGo(): void;
}

/** Adds to what is waited for what is asked for beside it, in place of what was asked for last where that is enough already. */
export function putBeside<T extends Waited>(waited: T[], next: readonly T[]): void {
  for (const one of waited.splice(KEPT)) one.letGo();
  waited.push(...next);
}

/** The first that is there, or fails, of what was asked for; undefined where that takes longer than so many milliseconds. */
export function firstWithin<T>(ms: number, asked: Iterable<Promise<T>>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<undefined>(resolve => {
    timer = setTimeout(resolve, ms, undefined);
  });
  return Promise.race([...asked, silence]).finally(() => clearTimeout(timer));
}
