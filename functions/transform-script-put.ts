import { invalidField, PackError } from '../contract/errors.ts';
import type { TransformScriptPutInput, TransformScriptPutOutput } from '../contract/types.gen.ts';
import type { FunctionContext } from '../runtime/core/define-function.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { allSecrets } from '../runtime/core/script-secrets.ts';
import { scriptSources } from '../runtime/core/script-sources.ts';
import type { TestedScript } from '../runtime/core/script-tests.ts';
import { failedTests, runScriptTest } from '../runtime/core/script-tests.ts';
import { nameVersion } from '../runtime/core/script-versions.ts';
import { escapedForms } from '../runtime/core/secret-forms.ts';
import { storeScript } from '../runtime/core/stored-scripts.ts';

/** Tests take their time. */
const TIMEOUT_MS = 60_000;

export default defineFunction<TransformScriptPutInput, TransformScriptPutOutput>({
  timeoutMs: TIMEOUT_MS,
  async run({ script_id, script, description, tests, version_name, allow_no_return }, ctx) {
    await refuseSecrets(ctx, script);
    await checkSyntax(ctx, script, allow_no_return ?? false);
    const warnings = await runTests(ctx, script, tests ?? []);
    const stored = await storeScript(ctx, script_id, {
      script,
      ...(description !== undefined && { description }),
      ...(tests !== undefined && { tests }),
    });
    if (version_name !== undefined)
      await nameVersion(ctx, script_id, { name: version_name, number: stored.number });
    return { script_id, ...stored, ...(warnings.length > 0 && { warnings }) };
  },
});

/** A secret in a script would be told to whoever may read the script. */
async function refuseSecrets(ctx: FunctionContext, script: string): Promise<void> {
  const found = (await allSecrets(ctx)).find(({ value }) =>
    escapedForms(value).some(form => script.includes(form)),
  );
  if (found)
    throw invalidField(
      '/script',
      `contains the value of the secret ${found.name}; use secrets.${found.name} in its place`,
    );
}

async function checkSyntax(ctx: FunctionContext, script: string, allowNoReturn: boolean): Promise<void> {
  const fault = await (await ctx.scripting()).runner.check(script);
  if (!fault || (fault.neverReturns && allowNoReturn)) return;
  throw new PackError('SCRIPT_ERROR', `Line ${fault.line}, column ${fault.column}: ${fault.message}`, {
    details: { ...fault },
  });
}

/** What tests that failed say, where the setting only warns; throws SCRIPT_ERROR where it refuses. */
async function runTests(
  ctx: FunctionContext,
  script: string,
  tests: NonNullable<TransformScriptPutInput['tests']>,
): Promise<string[]> {
  if (tests.length === 0) return [];
  const sources = await scriptSources({ script }, ctx);
  const tested: TestedScript[] = [];
  for (const test of tests) tested.push(await runScriptTest(ctx, test, { sources, settings: {} }));
  const failed = failedTests(tested);
  const { failingTests = 'refuse' } = await ctx.scripting();
  if (failed.length === 0 || failingTests === 'warn') return failed;
  throw new PackError(
    'SCRIPT_ERROR',
    `The script was not stored, since its tests fail (TRANSFORM_FAILING_TESTS=warn stores it all the same):\n${failed.join('\n')}`,
    { details: { tests: tested } },
  );
}
