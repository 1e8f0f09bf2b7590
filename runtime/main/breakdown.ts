/** The end that nobody asked for. */
export interface Breakdown extends Disposable {
  /** Rejects when it has come. */
  readonly happened: Promise<never>;
  fail(cause: unknown): void;
  /**
   * From now on, what `blame` answers a text for is not ours: it is logged with that text and ends nothing. Asked of rejections
   * that nobody handled; `certain` of exceptions, which leave more undone.
   */
  excuse(blame: Blame): void;
}

/** Whose fault something is, for people; undefined: not that of anybody else. */
export type Blame = (cause: unknown, certain: boolean) => string | undefined;

/** A pino logger fits. */
interface FatalLog {
  fatal(cause: unknown, message: string): void;
  error(cause: unknown, message: string): void;
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
  let blame: Blame = () => undefined;
  const unlessExcused = (cause: unknown, certain: boolean): void => {
    const whose = blame(cause, certain);
    if (whose === undefined) fail(cause);
    else log.error({ err: cause }, whose);
  };
  const onException = (cause: unknown): void => unlessExcused(cause, true);
  const onRejection = (cause: unknown): void => unlessExcused(cause, false);
  process.on('uncaughtException', onException).on('unhandledRejection', onRejection);
  return {
    happened,
    fail,
    excuse: by => {
      blame = by;
    },
    [Symbol.dispose]: () => {
      process.off('uncaughtException', onException).off('unhandledRejection', onRejection);
    },
  };
}
