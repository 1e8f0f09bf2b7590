/** What `@jest/globals` is in a test file; see runner.cjs. */
export const { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest, test } =
  globalThis[Symbol.for('kvflow.jest')];
