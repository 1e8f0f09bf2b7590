/** The end that nobody asked for. */
export interface Breakdown extends Disposable {
  /** Rejects when it has come. */
  readonly happened: Promise<never>;
  fail(cause: unknown): void;
}

/** A pino logger fits. */
interface FatalLog {
  fatal(cause: unknown, message: string): void;
}

/**
 * Catches what nobody caught until it is disposed. The process is in an unknown state then: it is to be ended, but not
 * before nats-server was stopped and the log written.
 */
export function watchForBreakdown(log: FatalLog): Breakdown {
  const { promise: happened, reject } = Promise.withResolvers<never>();
  happened.catch(() => undefined);
  const fail = (cause: unknown): void => {
    log.fatal(cause, 'stopping: something broke down that kvflow cannot go on without');
    reject(cause);
  };
  process.on('uncaughtException', fail).on('unhandledRejection', fail);
  return {
    happened,
    fail,
    [Symbol.dispose]: () => {
      process.off('uncaughtException', fail).off('unhandledRejection', fail);
    },
  };
}
