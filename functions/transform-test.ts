import { invalidField } from '../contract/errors.ts';
import type { TransformTestInput, TransformTestOutput } from '../contract/types.gen.ts';
import type { FunctionContext } from '../runtime/core/define-function.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { scriptSources } from '../runtime/core/script-sources.ts';
import type { TestedScript } from '../runtime/core/script-tests.ts';
import { runScriptTest } from '../runtime/core/script-tests.ts';
import type { ScriptTest } from '../runtime/core/stored-scripts.ts';
import { readRelease, readScript } from '../runtime/core/stored-scripts.ts';

const TIMEOUT_MS = 60_000;

export default defineFunction<TransformTestInput, TransformTestOutput>({
  timeoutMs: TIMEOUT_MS,
  async run(input, ctx) {
    const tests = await testsOf(input, ctx);
    const sources = await scriptSources(input, ctx);
    const tested: TestedScript[] = [];
    for (const test of tests)
      tested.push(
        await runScriptTest(ctx, test, { sources, settings: input, storedKv: input.stored_kv ?? false }),
      );
    return { passed: tested.every(({ passed }) => passed), tests: tested };
  },
});

/** The test that the call describes, or those that are stored with the script. */
async function testsOf(input: TransformTestInput, ctx: FunctionContext): Promise<ScriptTest[]> {
  const { events, kv, expect, expect_kv } = input;
  if (input.tests !== undefined) return input.tests;
  if (events !== undefined)
    return [{ events, ...(kv && { kv }), ...(expect && { expect }), ...(expect_kv && { expect_kv }) }];
  const { script_id: id, script_version, script_release } = input;
  const stored =
    id === undefined
      ? undefined
      : script_release === undefined
        ? await readScript(ctx, id, script_version)
        : await readRelease(ctx, id, script_release);
  if (stored?.tests) return stored.tests;
  throw invalidField('/events', 'give events, or tests, or script_id of a script that was stored with tests');
}
