/** The suite that Keyv has for its stores, run by jest. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import keyvTestSuite, { keyvIteratorTests, keyvNamespaceTest, keyvValueTests } from '@keyv/test-suite';

/** What a suite of Keyv is called with: it is made for Vitest. */
type Suite = (test: unknown, keyv: unknown, store: () => object) => void;

/** Everything that a store of Keyv 5 has to do. */
export const keyvSuite = forJest(keyvTestSuite as Suite);

/**
 * What of it holds for Keyv 6, whose `delete` of many keys answers a list, and the walk over a store, which Keyv 5 offers for the
 * stores that it knows by name alone.
 */
export const keyv6Suite = forJest(
  keyvValueTests as Suite,
  keyvNamespaceTest as Suite,
  keyvIteratorTests as Suite,
);

function forJest(...suites: Suite[]) {
  return (keyv: unknown, store: () => object) => {
    for (const suite of suites) suite({ beforeEach, afterEach, it }, keyv, store);
  };
}

/** Vitest gives a test its `expect`; jest would take a parameter for a callback. */
function it(name: string, run: (context: { expect: typeof expect }) => unknown): void {
  test(name, async () => void (await run({ expect })));
}
