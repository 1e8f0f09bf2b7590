import type { TransformScriptGetOutput } from '../../../../contract/types.gen.ts';
import type { InputOf } from '../../api/invoke.ts';
import { type Case, caseOf, readCase } from './case.ts';

/** A script as it is edited. */
export interface ScriptForm {
  script: string;
  description: string;
  /** Stored with the script. */
  tests: Case[];
}

/** A stored version as it is edited. */
export function formOfVersion({
  script,
  description = '',
  tests = [],
}: TransformScriptGetOutput): ScriptForm {
  return { script, description, tests: tests.map(caseOf) };
}

/** What a draft holds; undefined where it is none of a script. */
export function formOfDraft(text: string): (ScriptForm & { number?: number }) | undefined {
  try {
    const form = JSON.parse(text) as ScriptForm & { number?: number };
    return typeof form.script === 'string' && Array.isArray(form.tests) ? form : undefined;
  } catch {
    return undefined;
  }
}

/** What transform-script-put takes, or why it cannot be stored yet. */
export function putInput(
  id: string,
  { script, description, tests }: ScriptForm,
): { input: InputOf<'transform-script-put'> } | { fault: string } {
  if (script.trim() === '') return { fault: 'There is no script yet.' };
  const read = tests.map(readCase);
  for (const [at, one] of read.entries())
    if ('fault' in one) return { fault: `${tests[at]?.name || `Test ${at + 1}`}: ${one.fault}` };
  const stored = read.flatMap(one => ('test' in one ? [one.test] : []));
  return {
    input: {
      script_id: id,
      script,
      ...(description !== '' && { description }),
      ...(stored.length > 0 && { tests: stored }),
    },
  };
}
