import { expect, test } from '@jest/globals';
import { patienceOf } from '../../scripts/patience.ts';
import { type Results, summary } from '../../scripts/test-summary.ts';

const RESULTS: Results = {
  success: true,
  numPassedTests: 4,
  numFailedTests: 0,
  numPendingTests: 0,
  numRuntimeErrorTestSuites: 0,
};

test('the last line counts what passed and what failed, a file that did not load among it', () => {
  const failing = { success: false, numFailedTests: 1, numPendingTests: 1, numRuntimeErrorTestSuites: 1 };
  expect(summary({ ...RESULTS, ...failing })).toEqual({
    lines: ['1 skipped', '4 passed, 2 failed'],
    passed: false,
  });
  expect(summary(RESULTS)).toEqual({ lines: ['4 passed, 0 failed'], passed: true });
});

test('a run that never came to its end, or that jest calls failed, is a failure', () => {
  expect(summary(undefined)).toEqual({ lines: ['0 passed, 1 failed'], passed: false });
  expect(summary({ ...RESULTS, success: false })).toMatchObject({ passed: false });
});

test.each([
  [{ KVFLOW_TEST_PATIENCE: '7' }, 7, 7],
  [{ KVFLOW_TEST_PATIENCE: '7', CI: 'true' }, 7, 7],
  [{}, 1, 4],
  [{ KVFLOW_TEST_PATIENCE: 'no number' }, 1, 4],
  [{ CI: 'true' }, 3, 12],
])('patience - with %j a test may take %i to %i times as long as it says', (env, least, most) => {
  const patience = patienceOf(env);
  expect(patience).toBeGreaterThanOrEqual(least);
  expect(patience).toBeLessThanOrEqual(most);
  expect(Number.isInteger(patience)).toBe(true);
});
