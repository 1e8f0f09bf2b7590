import { expect, test } from '@jest/globals';
import { patienceOf } from '../../scripts/patience.ts';
import { failedFiles, forgivable, type Results, summary } from '../../scripts/test-summary.ts';

function resultsOf(files: Record<string, string[]>): Results {
  const testResults: Results['testResults'] = Object.entries(files).map(([name, statuses]) => ({
    name,
    status: statuses.includes('failed') || statuses.length === 0 ? 'failed' : 'passed',
    assertionResults: statuses.map((status, i) => ({ fullName: `${name} ${i}`, status })),
  }));
  const all = Object.values(files).flat();
  const count = (status: string): number => all.filter(each => each === status).length;
  return {
    success: testResults.every(({ status }) => status === 'passed'),
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('pending'),
    numRuntimeErrorTestSuites: testResults.filter(({ assertionResults }) => assertionResults.length === 0)
      .length,
    testResults,
  };
}

const first = resultsOf({ a: ['passed', 'failed'], b: ['passed', 'pending'], c: [] });

test('the last line counts what passed and what failed, a file that did not load among it', () => {
  expect(summary(first)).toEqual({ lines: ['1 skipped', '2 passed, 2 failed'], passed: false });
  expect(summary(resultsOf({ a: ['passed'] }))).toEqual({ lines: ['1 passed, 0 failed'], passed: true });
});

test('a run that never came to its end is a failure', () => {
  expect(summary(undefined)).toEqual({ lines: ['0 passed, 1 failed'], passed: false });
});

test('what passes the second time is counted once, and named', () => {
  expect(failedFiles(first)).toEqual(['a', 'c']);
  const results = resultsOf({ a: ['passed', 'passed'], c: ['passed'] });
  expect(summary(first, { files: ['a', 'c'], results })).toEqual({
    lines: [
      'passed only the second time: a 1',
      'passed only the second time: c',
      '1 skipped',
      '4 passed, 0 failed',
    ],
    passed: true,
  });
});

test('what fails twice has failed', () => {
  const results = resultsOf({ a: ['failed', 'passed'], c: [] });
  expect(summary(first, { files: ['a', 'c'], results })).toEqual({
    lines: ['1 skipped', '2 passed, 2 failed'],
    passed: false,
  });
});

const late = 'thrown: "Exceeded timeout of 30000 ms for a test."';

test.each([
  ['a time-out is', 'tests/hosts/n8n.test.ts', 'n8n - starts', [late], true],
  ['another failure is not', 'tests/hosts/n8n.test.ts', 'n8n - starts', ['expect(1).toBe(2)'], false],
  ['both together are not', 'tests/hosts/n8n.test.ts', 'n8n - starts', [late, 'expect(1).toBe(2)'], false],
  ['a regression is not', 'tests/regression/x.test.ts', 'x - is so', [late], false],
  ['a test of kills is not', 'tests/functions/x.test.ts', 'x - killed at each step', [late], false],
  ['an outage is not', 'tests/functions/x.test.ts', 'x - goes on after an outage', [late], false],
  ['a race is not', 'tests/suites/warehouse/races.test.ts', 'x - two at once', [late], false],
  ['a fault is not', 'tests/faults/x.test.ts', 'x - cut off', [late], false],
  ['a test of losses is not', 'tests/functions/x.test.ts', 'x - loses nothing that was lost', [late], false],
])('forgiven - %s', (_what, file, fullName, failureMessages, forgiven) => {
  const results = resultsOf({ [`/somewhere/${file}`]: ['failed'], '/somewhere/tests/b.test.ts': ['passed'] });
  const [failed] = results.testResults;
  if (failed) failed.assertionResults = [{ fullName, status: 'failed', failureMessages }];
  expect(forgivable(results)).toEqual(forgiven ? [`/somewhere/${file}`] : []);
});

test('forgiven - nothing, where one file failed for a reason of its own', () => {
  const results = resultsOf({ 'tests/a.test.ts': ['failed'], 'tests/b.test.ts': ['failed'] });
  for (const { name, assertionResults } of results.testResults)
    assertionResults.splice(0, 1, {
      fullName: 'x',
      status: 'failed',
      failureMessages: [name === 'tests/a.test.ts' ? late : 'expect(1).toBe(2)'],
    });
  expect(forgivable(results)).toEqual([]);
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
