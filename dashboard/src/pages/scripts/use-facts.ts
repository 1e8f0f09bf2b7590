import { useMemo } from 'react';
import { usePermission } from '../../api/access.ts';
import { useInvoke } from '../../api/use-invoke.ts';
import type { ScriptFacts } from '../../components/script-editor/known.ts';
import { isObject } from '../../lib/is-object.ts';
import { readCase } from './case.ts';
import type { Bench } from './use-bench.ts';

/** What the editor completes by: the events that are shown, secrets and libraries by their names. */
export function useFacts({ shownCase, settings }: Bench): ScriptFacts {
  const { namespace } = settings;
  const maySecrets = usePermission('transform-secret-list').allowed;
  const mayScripts = usePermission('transform-script-list').allowed;
  const secrets = useInvoke('transform-secret-list', namespace === '' ? {} : { namespace }, {
    enabled: maySecrets,
  }).data?.secrets;
  const scripts = useInvoke('transform-script-list', {}, { enabled: mayScripts }).data?.scripts;
  const read = useMemo(() => readCase(shownCase), [shownCase]);
  return useMemo(() => {
    const test = 'test' in read ? read.test : undefined;
    return {
      event: test && merged(test.events),
      variables: test?.variables ?? {},
      secrets: secrets?.map(({ name }) => name) ?? [],
      libraries: scripts?.map(({ script_id }) => `lib:${script_id}`) ?? [],
    };
  }, [read, secrets, scripts]);
}

/** Events that are looked at for their fields. */
const LOOKED_AT = 50;

/** One event with the fields of all of them. */
function merged(events: readonly Record<string, unknown>[]): Record<string, unknown> {
  return events.slice(0, LOOKED_AT).reduceRight((all, event) => withFields(all, event), {});
}

function withFields(all: Record<string, unknown>, event: Record<string, unknown>): Record<string, unknown> {
  const made = { ...all };
  for (const [name, value] of Object.entries(event)) {
    const before = made[name];
    made[name] = isObject(before) && isObject(value) ? withFields(before, value) : value;
  }
  return made;
}
