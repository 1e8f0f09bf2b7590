import { useEffect } from 'react';
import { holdNavigation } from '../router/leaving.ts';

/**
 * While `what` is given, leaving asks: links of the dashboard by a dialog, closing or reloading the tab by the browser's
 * own question, which is not needed where a draft is kept. `what` names what is not saved, such as `your changes of user.1`.
 */
export function useUnsaved(what: string | undefined, { drafted = false }: { drafted?: boolean } = {}): void {
  useEffect(() => {
    if (what === undefined) return;
    const release = holdNavigation(what);
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    if (!drafted) addEventListener('beforeunload', ask);
    return () => {
      release();
      removeEventListener('beforeunload', ask);
    };
  }, [what, drafted]);
}
