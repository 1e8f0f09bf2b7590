import type { Call } from './call.ts';

/**
 * Looks at something that changes, together with whoever else asks: a look answers only those who asked before it began, so
 * that nobody is told of what was before. Where the look of another call fails, such as by its deadline, one looks oneself.
 */
export function sharedLook<T>(look: (call: Call) => Promise<T>): (call: Call) => Promise<T> {
  let running: Promise<unknown> = Promise.resolve();
  /** Has not begun. */
  let next: Promise<T> | undefined;

  function begin(call: Call): Promise<T> {
    const mine = running.then(() => {
      next = undefined;
      const looking = look(call);
      running = looking.catch(() => undefined);
      return looking;
    });
    next = mine;
    return mine;
  }

  return call => next?.catch(() => look(call)) ?? begin(call);
}
