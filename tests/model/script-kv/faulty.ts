import type { ScriptKv } from '../../../runtime/core/scripts.ts';
import type { ModelFault } from './history.ts';

/** A store during one of whose operations something happens, once. */
export function faulty(kv: ScriptKv, { after, moment }: ModelFault, happen: () => void): ScriptKv {
  let left = after;
  const during = async <T>(operate: () => Promise<T>): Promise<T> => {
    if (left-- !== 0) return await operate();
    if (moment === 'before') happen();
    const answer = operate();
    if (moment === 'sent') setImmediate(happen);
    await answer;
    if (moment === 'answered') happen();
    return await answer;
  };
  return {
    ...kv,
    get: key => during(() => kv.get(key)),
    commit: (writes, checks) => during(() => kv.commit(writes, checks)),
  };
}
