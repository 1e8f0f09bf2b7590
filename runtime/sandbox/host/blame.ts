import type { ScriptFault } from '../types.ts';
import type { Attempt } from './attempt.ts';
import type { Definition } from './definition.ts';
import type { Quarantine } from './quarantine.ts';
import type { EndReason } from './worker-process.ts';

const MAX_DEATHS = 3;

/**
 * Finds out whose fault the end of a worker was. Alone in its worker, an event is the culprit and fails; among others
 * all are suspects. Answers those that run again, suspects one at a time.
 */
export function blame(lost: Attempt[], reason: EndReason, quarantine: Quarantine): Attempt[] {
  const [only] = lost;
  const alone = lost.length === 1 && only !== undefined;
  // Nobody's fault, as far as can be seen, when a worker just ends: the system may have killed it.
  if (alone && reason === 'ended') only.deaths++;
  if (alone && (reason !== 'ended' || only.deaths >= MAX_DEATHS)) {
    const fault = faultFor(reason, only.definition);
    quarantine.strike(only.definition.scriptKey, fault.code);
    only.call.fail(only, fault);
    return [];
  }
  for (const attempt of lost) attempt.suspect = true;
  return lost;
}

/** What the caller is told when an event ended its worker. */
function faultFor(reason: EndReason, { timeoutMs }: Definition): ScriptFault {
  if (reason === 'time') {
    const message = `The script did not finish within ${timeoutMs} ms. Do less per event, or raise timeout_ms.`;
    return { code: 'SCRIPT_TIMEOUT', message };
  }
  if (reason === 'memory') {
    const message = 'The script used more memory than a worker has. Keep less in memory per event.';
    return { code: 'SCRIPT_OUT_OF_MEMORY', message };
  }
  return { code: 'SCRIPT_ERROR', message: 'The worker ended while it ran this script.' };
}
