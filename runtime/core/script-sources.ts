/** From what a call names to the texts that run: scripts, the libraries they import, whether they take events one by one. */

import { invalidField } from '../../contract/errors.ts';
import type { TransformInput } from '../../contract/types.gen.ts';
import type { FunctionContext } from './define-function.ts';
import { aboutScript } from './script-text.ts';
import type { ScriptRunner } from './scripts.ts';
import { readRelease, readScript } from './stored-scripts.ts';

/** The texts of a call, as the runner takes them. */
export interface ScriptSources {
  scripts: string[];
  libraries: Record<string, string>;
  batch: boolean;
}

/** How a call names one script. */
export type NamedScript = Pick<TransformInput, 'script' | 'script_id' | 'script_version' | 'script_release'>;

const MAX_LIBRARIES = 50;
const MAX_KNOWN = 200;

/** Reads what a call names. Throws INVALID_INPUT, KEY_NOT_FOUND of a stored script, SCRIPT_ERROR of too many libraries. */
export async function scriptSources(
  input: Pick<TransformInput, 'scripts'> & NamedScript,
  ctx: FunctionContext,
): Promise<ScriptSources> {
  const scripts = await scriptsOf(input, ctx);
  return {
    scripts,
    libraries: await librariesOf(scripts, ctx),
    batch: await takesBatches(scripts, (await ctx.scripting()).runner),
  };
}

async function scriptsOf(
  { scripts, ...named }: Pick<TransformInput, 'scripts'> & NamedScript,
  ctx: FunctionContext,
): Promise<string[]> {
  if (scripts === undefined) return [await scriptOf(named, '', ctx)];
  if (named.script !== undefined || named.script_id !== undefined)
    throw invalidField('/scripts', 'give scripts, or script, or script_id; exactly one of them');
  return await Promise.all(scripts.map((one, at) => scriptOf(one, `/scripts/${at}`, ctx)));
}

async function scriptOf(named: NamedScript, place: string, ctx: FunctionContext): Promise<string> {
  const { script, script_id, script_version, script_release } = named;
  if (script !== undefined && script_id === undefined) return script;
  if (script_id === undefined || script !== undefined)
    throw invalidField(`${place}/script`, 'give script, or script_id of a stored one; exactly one of both');
  if (script_version !== undefined && script_release !== undefined)
    throw invalidField(`${place}/script_release`, 'give script_version or script_release, not both');
  if (script_release !== undefined) return (await readRelease(ctx, script_id, script_release)).script;
  return (await readScript(ctx, script_id, script_version)).script;
}

/** The stored scripts that these import, and those that they import. One that is not there is an error of the import. */
export async function librariesOf(
  scripts: readonly string[],
  ctx: FunctionContext,
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const todo = [...scripts];
  for (let text = todo.pop(); text !== undefined; text = todo.pop()) {
    for (const { name, id, release } of aboutScript(text).libraries) {
      if (name in found) continue;
      if (Object.keys(found).length >= MAX_LIBRARIES)
        throw invalidField('/script', `imports more than ${MAX_LIBRARIES} libraries`);
      const library = await (release === undefined
        ? readScript(ctx, id)
        : readRelease(ctx, id, release)
      ).catch(notThere);
      if (library === undefined) continue;
      found[name] = library.script;
      todo.push(library.script);
    }
  }
  return found;
}

function notThere(error: unknown): undefined {
  if ((error as { code?: unknown }).code !== 'KEY_NOT_FOUND') throw error;
  return undefined;
}

const known = new Map<string, boolean>();

/** Whether one of them takes all events of a call at once. Asked of a worker, once for each script that may. */
async function takesBatches(scripts: readonly string[], runner: ScriptRunner): Promise<boolean> {
  if (!scripts.some(script => aboutScript(script).batch)) return false;
  const all = await Promise.all(scripts.map(script => isBatch(script, runner)));
  if (all.includes(true) && scripts.length > 1)
    throw invalidField('/scripts', 'has a script that takes batches, which stands alone');
  return all.includes(true);
}

async function isBatch(script: string, runner: ScriptRunner): Promise<boolean> {
  const before = known.get(script);
  if (before !== undefined) return before;
  const kind = aboutScript(script).batch && script.trim() !== '' ? await runner.kindOf(script) : undefined;
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(script, kind === 'rudder-batch' || kind === 'segment-batch');
  return known.get(script) === true;
}
