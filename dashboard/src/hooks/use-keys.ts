import { useEffect, useRef } from 'react';

/** What to do by key: a key as the browser names it (`/`, `?`, `ArrowDown`), or one after another (`g b`). */
export type KeyBindings = Record<string, (event: KeyboardEvent) => void>;

/** Between the keys of a sequence. */
const PATIENCE_MS = 1_000;

/**
 * Listens to keys while the component is shown. Keys pressed in a field, with Ctrl, Alt or Meta, or while a dialog is
 * open, belong to somebody else. What is bound here does nothing else: the browser's own meaning is prevented.
 */
export function useKeys(bindings: KeyBindings): void {
  const current = useRef(bindings);
  current.current = bindings;
  useEffect(() => {
    let before = '';
    let beforeAt = 0;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.altKey || event.metaKey || isBusy(event.target)) return;
      const sequence = event.timeStamp - beforeAt < PATIENCE_MS ? `${before} ${event.key}` : event.key;
      before = event.key;
      beforeAt = event.timeStamp;
      const run = current.current[sequence] ?? current.current[event.key];
      if (!run || event.defaultPrevented) return;
      event.preventDefault();
      run(event);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}

function isBusy(target: EventTarget | null): boolean {
  if (document.querySelector('[role="dialog"]')) return true;
  if (!(target instanceof HTMLElement)) return false;
  if (
    target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement
  )
    return true;
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button'].includes(target.type);
}
