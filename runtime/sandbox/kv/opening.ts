import type { ScriptKv } from '../ports.ts';

/**
 * Asks a store, once, whether the call may use it: before anything else is asked of it. Rejects where it may not; undefined where it may,
 * so that nothing is waited for.
 */
export function createOpening(kv: ScriptKv | undefined): () => Promise<void> | undefined {
  let isOpen = kv?.open === undefined;
  let opening: Promise<void> | undefined;
  const begin = async (): Promise<void> => {
    const asked = kv?.open?.();
    if (asked) await asked;
    isOpen = true;
  };
  return () => {
    if (!isOpen) opening ??= begin();
    return isOpen ? undefined : opening;
  };
}
