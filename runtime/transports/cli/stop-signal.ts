const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
/** npm hands on the Ctrl-C that the terminal has sent to its script already: two that come at once are one. */
const ONE_PRESS_MS = 500;

/** Aborted at the first SIGINT or SIGTERM; a later one ends the process at once, as if it had not been caught. */
export function stopSignal(tell: (line: string) => void): AbortSignal {
  const stopping = new AbortController();
  let first = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping.signal.aborted) {
      if (Date.now() - first > ONE_PRESS_MS) process.exit(signal === 'SIGINT' ? 130 : 143);
      return;
    }
    first = Date.now();
    tell('kvflow: stopping after what is in flight is done; once more ends it at once');
    stopping.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return stopping.signal;
}
