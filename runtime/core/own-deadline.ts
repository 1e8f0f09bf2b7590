import type { PackError } from '../../contract/errors.ts';
import type { Call } from './call.ts';

/**
 * What is shared with other calls, waited for until this call's own deadline, after which `late` is thrown. What is shared goes on
 * for the others, so it needs a bound of its own.
 */
export async function untilOwnDeadline<T>(
  { deadline }: Pick<Call, 'deadline'>,
  shared: Promise<T>,
  late: () => PackError,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), Math.max(0, deadline - Date.now()));
  });
  return await Promise.race([shared, over]).finally(() => clearTimeout(timer));
}
