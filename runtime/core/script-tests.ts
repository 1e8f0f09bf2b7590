/** Tests of scripts: events in, events and `$kv` out, nothing stored. */

import type { TransformTestOutput } from '../../contract/types.gen.ts';
import type { FunctionContext } from './define-function.ts';
import { createDryScriptKv, type DryScriptKv } from './dry-script-kv.ts';
import { jsonDifferences } from './json-difference.ts';
import type { Mask } from './mask.ts';
import type { ScriptSettings } from './run-scripts.ts';
import { runScripts } from './run-scripts.ts';
import type { ScriptSources } from './script-sources.ts';
import type { ScriptRunResult } from './scripts.ts';
import type { ScriptTest } from './stored-scripts.ts';

/** What came of a test. */
export type TestedScript = TransformTestOutput['tests'][number];

/** How a test is run. */
export interface TestOptions {
  sources: ScriptSources;
  settings: Omit<ScriptSettings, 'on_error'>;
  /** What is not in the test's own `kv` is read from the store of the namespace. */
  storedKv?: boolean;
}

/** Runs one test. It passes where no event fails and all that it expects came. */
export async function runScriptTest(
  ctx: FunctionContext,
  test: ScriptTest,
  { sources, settings, storedKv = false }: TestOptions,
): Promise<TestedScript> {
  let dry: DryScriptKv | undefined;
  const variables = { ...settings.variables, ...test.variables };
  const result = await runScripts(
    { ...settings, variables, on_error: 'skip' },
    ctx,
    { ...sources, events: test.events },
    stored => {
      dry = createDryScriptKv(test.kv ?? {}, storedKv ? stored : undefined);
      return dry;
    },
  );
  const events = result.results.flatMap(({ events: made }) => made);
  const differences = [
    ...failures(result),
    ...(test.expect ? jsonDifferences(test.expect, events).map(line => `events${line}`) : []),
    ...(await kvDifferences(test.expect_kv, dry, result.mask)),
  ];
  return {
    ...(test.name !== undefined && { name: test.name }),
    passed: differences.length === 0,
    differences,
    events,
    results: result.results.map(({ index, outcome, events: made, error }) => ({
      index,
      outcome,
      count: made.length,
      ...(error && { error }),
    })),
    writes: result.mask ? result.mask.value(dry?.writes() ?? []) : (dry?.writes() ?? []),
    logs: result.logs,
    ...(result.warnings.length > 0 && { warnings: result.warnings }),
  };
}

/** The differences of tests that failed, each with the name of its test. */
export function failedTests(tested: readonly TestedScript[]): string[] {
  return tested.flatMap(({ name, differences }, at) =>
    differences.map(line => `${name ?? `test ${at + 1}`}: ${line}`),
  );
}

function failures({ results }: ScriptRunResult): string[] {
  return results.flatMap(({ index, error }) =>
    error ? [`event ${index}: ${error.code}: ${error.message}${error.stack ? `\n${error.stack}` : ''}`] : [],
  );
}

async function kvDifferences(
  expected: ScriptTest['expect_kv'],
  dry: DryScriptKv | undefined,
  mask: Mask | undefined,
): Promise<string[]> {
  if (!expected || !dry) return [];
  const keys = Object.keys(expected);
  const values = await Promise.all(keys.map(key => dry.value(key)));
  const came = Object.fromEntries(keys.map((key, at) => [key, values[at] ?? null]));
  return jsonDifferences(expected, mask ? mask.value(came) : came).map(line => `$kv${line}`);
}
