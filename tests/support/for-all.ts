import { afterAll, beforeAll } from '@jest/globals';

const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());

/**
 * Starts what all tests of a file share before the first of them, and ends it behind the last, the newest first. What is answered is
 * filled once it has started: hooks that are registered later, and tests, may take something out of it.
 *
 * @param limitMs How long the start may take; default: as long as any hook.
 */
export function forAll<T extends AsyncDisposable>(start: () => T | Promise<T>, limitMs?: number): T {
  const started = {} as T;
  beforeAll(async () => {
    Object.defineProperties(started, Object.getOwnPropertyDescriptors(stack.use(await start())));
  }, limitMs);
  return started;
}

/** Ends behind the last test of the file what was started in a hook; answers it. */
export function endedAtLast<T extends AsyncDisposable>(started: T): T {
  return stack.use(started);
}

/** Does this behind the last test of the file, before what was started earlier ends. */
export function atLast(work: () => unknown): void {
  stack.defer(async () => void (await work()));
}
