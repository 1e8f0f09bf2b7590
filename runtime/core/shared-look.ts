import { PackError } from '../../contract/errors.ts';
import type { Call } from './call.ts';
import { untilOwnDeadline } from './own-deadline.ts';

/** A look that takes longer has failed, so that who asks next begins another; milliseconds. */
const LOOK_MS = 10_000;

/**
 * Looks at something that changes, together with whoever else asks: a look answers only those who asked before it began, so
 * that nobody is told of what was before. It has ten seconds, whoever asked first, and each caller waits for it until its own
 * deadline, then gets UNAVAILABLE.
 */
export function sharedLook<T>(look: (call: Call) => Promise<T>): (call: Call) => Promise<T> {
  let running: Promise<unknown> = Promise.resolve();
  /** Has not begun. */
  let next: Promise<T> | undefined;

  function begin(): Promise<T> {
    const mine = running.then(() => {
      next = undefined;
      const looking = look({ deadline: Date.now() + LOOK_MS });
      running = looking.catch(() => undefined);
      return looking;
    });
    next = mine;
    return mine;
  }

  return call => untilOwnDeadline(call, next ?? begin(), late);
}

function late(): PackError {
  return new PackError(
    'UNAVAILABLE',
    'What the call needs to know first was not answered in its time. Try again.',
  );
}
