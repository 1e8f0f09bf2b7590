import type { Contexts } from './context.ts';
import type { EventState, Script, ScriptUnit } from './types.ts';

/** Calls what a script exports, as the product that the shape comes from calls it. */
export interface Handlers {
  /** What the unit made of the event, or a promise of it, in the terms of a script's `return`. */
  call(
    unit: ScriptUnit,
    on: { state: EventState; script: Script; event: unknown; exported: unknown },
  ): unknown;
  /** Stands for the event as it came. */
  KEEP: object;
}

/** Builds them. */
export function makeHandlers(contexts: Contexts): Handlers {
  const KEEP = Object.freeze({});
  const DROPPED = new Set(['DropEvent', 'EventNotSupported', 'Drop & RetryError']);
  type Fn = (event: unknown, context: unknown) => unknown;

  const functionOf = (exported: unknown, name: string): Fn => {
    const found = typeof exported === 'function' ? exported : (exported as Record<string, unknown>)[name];
    if (typeof found === 'function') return found as Fn;
    throw new TypeError(
      name === 'default'
        ? 'export default has to be a function of the event.'
        : `${name} has to be a function.`,
    );
  };
  const isThenable = (value: unknown): value is Promise<unknown> =>
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
  const then = (value: unknown, next: (value: unknown) => unknown): unknown =>
    isThenable(value) ? (async () => next(await value))() : next(value);
  /** An error that says that the event is to be left out is no error. */
  const orDropped = (work: () => unknown): unknown => {
    const caught = (error: unknown): unknown => {
      if (error instanceof Error && DROPPED.has(String(error.name))) return null;
      throw error;
    };
    const awaited = async (value: Promise<unknown>): Promise<unknown> => {
      try {
        return await value;
      } catch (error) {
        return caught(error);
      }
    };
    try {
      const value = work();
      return isThenable(value) ? awaited(value) : value;
    } catch (error) {
      return caught(error);
    }
  };
  /** As Jitsu reads a result: nothing returned keeps the event, as it came. */
  const jitsuResult = (value: unknown): unknown => {
    if (value === 'drop' || value === null || value === false) return null;
    return value === undefined || value === '' || value === 0 || value === true ? KEEP : value;
  };
  const TYPES: Record<string, string> = {
    track: 'onTrack',
    identify: 'onIdentify',
    page: 'onPage',
    screen: 'onScreen',
    group: 'onGroup',
    alias: 'onAlias',
    delete: 'onDelete',
  };
  const segment = (exported: unknown, event: unknown, settings: object): unknown => {
    const name = TYPES[String((event as { type?: unknown } | null)?.type)] ?? 'onRequest';
    const handler = (exported as Record<string, unknown>)[name];
    return handler === undefined ? KEEP : functionOf(exported, name)(event, settings);
  };

  return {
    KEEP,
    call({ kind }, { state, script, event, exported }) {
      switch (kind) {
        case 'function':
        case 'default': {
          const name = (exported as Record<string, unknown>).default === undefined ? 'transform' : 'default';
          const handler = functionOf(exported, name);
          const context = script.flags.alone ? undefined : contexts.jitsu(state, script, event);
          return then(
            orDropped(() => handler(event, context)),
            jitsuResult,
          );
        }
        case 'rudder':
          return functionOf(exported, 'transformEvent')(event, contexts.rudder(state, script));
        case 'rudder-batch':
          return functionOf(exported, 'transformBatch')(event, contexts.rudder(state, script));
        case 'segment':
          return orDropped(() => segment(exported, event, contexts.segment(script)));
        case 'segment-batch':
          return orDropped(() => functionOf(exported, 'onBatch')(event, contexts.segment(script)));
        default:
          throw new TypeError(
            'The module exports nothing that takes events: export default a function, or export transform, transformEvent, transformBatch, or onTrack and its like.',
          );
      }
    },
  };
}
