/** The parts of jest's JSON that are counted. */
export interface Results {
  /** Whether jest itself calls the run a success; it does not where a threshold or an open handle failed it. */
  success: boolean;
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  /** Suites that did not even load: none of their tests was counted. */
  numRuntimeErrorTestSuites: number;
  testResults: { name: string; status: string; assertionResults: TestResult[] }[];
}

/** One test. */
interface TestResult {
  fullName: string;
  status: string;
  failureMessages?: string[];
}

/** The files that failed the first time, and what came of them the second time. */
export interface SecondRun {
  files: string[];
  results: Results;
}

/** The files with a test that failed, or that did not load. */
export function failedFiles({ testResults }: Results): string[] {
  return testResults.filter(({ status }) => status === 'failed').map(({ name }) => name);
}

/** What a wait says that was too short. */
const WANT_OF_TIME =
  /Exceeded timeout of|Timeout \d+ms exceeded|did not (start|answer|come up|end) (in|within)|ETIMEDOUT/;
/** A failure of these is what they are there to find. */
const NEVER = /regression|attack|fault|kill|los(s|t|es)|outage|race|model/i;

/** The files that failed for want of time alone, in tests that may be forgiven; none where another file failed too. */
export function forgivable(results: Results): string[] {
  const failed = failedFiles(results);
  const files = results.testResults.filter(({ name }) => failed.includes(name));
  const all = files.every(({ name, assertionResults }) => {
    const tests = assertionResults.filter(({ status }) => status === 'failed');
    const isLate = ({ failureMessages = [] }: TestResult) =>
      failureMessages.every(message => WANT_OF_TIME.test(message));
    const isSpared = tests.some(({ fullName }) => NEVER.test(fullName));
    return tests.length > 0 && tests.every(isLate) && !isSpared && !NEVER.test(pathOf(name));
  });
  return all ? failed : [];
}

/** From the folder of tests on. */
function pathOf(file: string): string {
  return file.slice(file.lastIndexOf('/tests/') + 1);
}

/** The last lines of a run, of which the last one is `N passed, N failed`, and whether all of it passed. */
export function summary(
  results: Results | undefined,
  second?: SecondRun,
): { lines: string[]; passed: boolean } {
  if (!results) return { lines: ['0 passed, 1 failed'], passed: false };
  const files = second ? results.testResults.filter(({ name }) => !second.files.includes(name)) : [];
  const parts = second ? [counts(files), totals(second.results)] : [totals(results)];
  const [passed, failed, skipped] = [0, 1, 2].map(at =>
    parts.reduce((sum, part) => sum + (part[at] ?? 0), 0),
  );
  const lines: string[] = [];
  if (second) lines.push(...onlyTheSecondTime(results, second.results));
  if (skipped) lines.push(`${skipped} skipped`);
  lines.push(`${passed} passed, ${failed} failed`);
  return { lines, passed: failed === 0 && (second?.results ?? results).success };
}

function totals(results: Results): [number, number, number] {
  const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = results;
  return [numPassedTests, numFailedTests + numRuntimeErrorTestSuites, numPendingTests];
}

function counts(files: Results['testResults']): [number, number, number] {
  const of = (status: string): number =>
    files.reduce(
      (sum, file) => sum + file.assertionResults.filter(result => result.status === status).length,
      0,
    );
  return [of('passed'), of('failed'), of('pending')];
}

function onlyTheSecondTime(first: Results, second: Results): string[] {
  const stillFailing = new Set(failedFiles(second));
  return first.testResults
    .filter(({ name, status }) => status === 'failed' && !stillFailing.has(name))
    .flatMap(({ name, assertionResults }) => {
      const failed = assertionResults.filter(({ status }) => status === 'failed');
      return (failed.length > 0 ? failed : [{ fullName: name }]).map(
        ({ fullName }) => `passed only the second time: ${fullName}`,
      );
    });
}
