import type { PackError } from '../../contract/errors.ts';
import type { Call } from './call.ts';
import { firstWithin } from './within-time.ts';

/**
 * What is shared with other calls, waited for until this call's own deadline, after which `late` is thrown. What is shared goes on
 * for the others, so it needs a bound of its own.
 */
export async function untilOwnDeadline<T>(
  { deadline }: Pick<Call, 'deadline'>,
  shared: Promise<T>,
  late: () => PackError,
): Promise<T> {
  const ended = shared.then(value => ({ value }));
  const first = await firstWithin(deadline - Date.now(), [ended]);
  if (!first) throw late();
  return first.value;
}
