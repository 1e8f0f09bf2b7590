/** Calls `act` once, after this turn of the event loop, however often it is asked for in it. */
export function onceATurn(act: () => void): () => void {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    setImmediate(() => {
      isDue = false;
      act();
    });
  };
}
