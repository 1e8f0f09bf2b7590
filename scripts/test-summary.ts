/** The parts of jest's JSON that are counted. */
export interface Results {
  /** Whether jest itself calls the run a success; it does not where a threshold or an open handle failed it. */
  success: boolean;
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  /** Suites that did not even load: none of their tests was counted. */
  numRuntimeErrorTestSuites: number;
}

/** The last lines of a run, of which the last one is `N passed, N failed`, and whether all of it passed. */
export function summary(results: Results | undefined): { lines: string[]; passed: boolean } {
  if (!results) return { lines: ['0 passed, 1 failed'], passed: false };
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  const lines = results.numPendingTests ? [`${results.numPendingTests} skipped`] : [];
  lines.push(`${results.numPassedTests} passed, ${failed} failed`);
  return { lines, passed: failed === 0 && results.success };
}
