import type { ServerLog } from '../nats/server/supervise.ts';

/** For commands whose log nobody keeps: only what explains a failure, as lines for people. */
export function quietLog(tell: (line: string) => void): ServerLog {
  const warn = (_fields: object, message: string): void => tell(`kvflow: ${message}`);
  return { info: () => undefined, warn, error: warn };
}

/** The cause of a failure that says nothing of it to the caller. */
export function tellInternal(tell: (line: string) => void) {
  return ({ code, cause, stack }: { code: string; cause?: unknown; stack?: string }): void => {
    if (code === 'INTERNAL') tell(String((cause as Error | undefined)?.stack ?? stack));
  };
}
