import { expect, test } from '@jest/globals';
import { PackError } from '../../contract/errors.ts';
import manifest from '../../manifest.json' with { type: 'json' };
import { createInvoke } from '../../runtime/core/invoke.ts';
import type { Manifest } from '../../runtime/core/manifest.ts';
import { testFunction } from '../suites/test-function.ts';
import { registry, startKvflow } from '../support/kvflow.ts';

// No list to keep: a function is in the suite because it is in the manifest.
for (const fn of (manifest as unknown as Manifest).functions) testFunction(fn, () => startKvflow());

test('every function - a code that its schema does not name is a fault of the function', async () => {
  const undeclared = createInvoke({
    registry,
    kv: { listBuckets: () => Promise.reject(new PackError('NOT_A_NUMBER', 'No number.')) } as never,
    validateOutput: true,
  });
  const { error } = (await undeclared('kv-bucket-list', {})) as { error?: object };
  expect(error).toMatchObject({ code: 'INTERNAL', message: expect.stringContaining('NOT_A_NUMBER') });
});
