import type { Inspect } from './inspect.ts';
import type { EventState } from './types.ts';

/** One event's record, in the two parts that leave the worker. */
export interface EventOutput {
  /**
   * JSON: `[id, 0, lengths of the events' texts, logs, writes]`, `[id, 2, [], logs, writes]` of a script that cannot return
   * anything, or `[id, 1, fault, logs]`.
   */
  head: string;
  /** The JSON of the events, one after the other: whoever passes them on need not parse them. */
  body: string;
  /** In its place, of a block: the lines of its events, and an empty one behind them. */
  lines?: string[];
}

/** Why an event failed, as the worker tells it. */
export interface Fault {
  code: string;
  message: string;
  stack?: string;
  limit?: string;
}

/** Turns what a script returned or threw into the text of a result. */
export interface Results {
  settled(state: EventState, value: unknown): EventOutput;
  /** The JSON of each event that a result stands for, or why it is none. */
  texts(state: EventState, value: unknown): string[] | Fault;
  /** Adds the JSON of each event that a result stands for; false where it is none, or too much. */
  add(lines: string[], state: EventState, value: unknown): boolean;
  /** The JSON of a list of events; undefined where one would lose something. */
  list(events: object[]): string | undefined;
  /** The JSON of an event on one line. */
  line(text: string): string;
  /** The record of events that are JSON already. */
  joined(state: EventState, texts: string[]): EventOutput;
  faulted(state: EventState, fault: Fault): EventOutput;
  failed(state: EventState, error: unknown): EventOutput;
  timedOut(state: EventState): EventOutput;
  /** The event that came is no JSON: nothing was run. */
  unreadable(state: EventState): EventOutput;
}

/** Builds it. */
export function makeResults(inspect: Inspect, codes: WeakMap<object, string>): Results {
  const MAX_DEPTH = 1000;
  const MAX_MESSAGE = 2000;
  const MAX_STACK = 4000;
  const MAX_CAUSES = 5;
  const MAX_ERRORS = 10;

  const fault = (message: string, limit?: string): Fault => ({
    code: 'SCRIPT_ERROR',
    message,
    ...(limit && { limit }),
  });

  /** Where it is cut it says so: what is masked later has to know. */
  const shown = (value: unknown, most: number): string => {
    const text = inspect(value);
    return text.length > most ? `${text.slice(0, most)}...` : text;
  };

  /** Records are joined from parts already turned to text, so that no property of the script's can reshape them. */
  const record = (state: EventState, status: number, what: string): string => {
    // The common case stays short: it is sent and parsed once per event.
    if (state.logs.length === 0 && !state.writes) return `[${state.id},${status},${what}]`;
    const logs = JSON.stringify(state.logs);
    if (status === 1 || !state.writes) return `[${state.id},${status},${what},${logs}]`;
    const writes = [...state.writes].map(([key, [json, ttl]]) => [key, json, ttl]);
    return `[${state.id},${status},${what},${logs},${JSON.stringify(writes)}]`;
  };
  const broken = (state: EventState, error: Fault): EventOutput => ({
    head: record(state, 1, JSON.stringify(error)),
    body: '',
  });

  /** Brackets that open, in strings too, as far as they matter; searching is faster than looking at each character. */
  const mayBeDeep = (json: string): boolean => {
    let count = 0;
    for (const bracket of ['{', '[']) {
      let at = json.indexOf(bracket);
      for (; at >= 0 && count <= MAX_DEPTH; at = json.indexOf(bracket, at + 1)) count++;
    }
    return count > MAX_DEPTH;
  };

  /** Nesting can only exceed the limit where the text is long enough to hold the brackets. */
  const tooDeep = (json: string): boolean => {
    if (json.length < 2 * MAX_DEPTH || !mayBeDeep(json)) return false;
    let depth = 0;
    let quoted = false;
    for (let i = 0; i < json.length; i++) {
      const code = json.charCodeAt(i);
      if (code === 34) quoted = !quoted;
      else if (code === 92) i++;
      else if (quoted) continue;
      else if (code === 123 || code === 91) {
        if (++depth > MAX_DEPTH) return true;
      } else if (code === 125 || code === 93) depth--;
    }
    return false;
  };

  const empty = (value: unknown): boolean =>
    value === undefined || value === null || value === false || value === '';

  /** What JSON would silently make `{}` of: a text such as `/user/tags: a Set`. Getters are not called. */
  const findLost = (value: unknown, path: string, depth: number): string | undefined => {
    if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return undefined;
    for (const [type, name] of LOST) if (value instanceof type) return `${path || 'the result'} is a ${name}`;
    if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return undefined;
    for (const key of Object.keys(value)) {
      const slot = Object.getOwnPropertyDescriptor(value, key);
      const found =
        slot && 'value' in slot ? findLost(slot.value, `${path}/${key.slice(0, 50)}`, depth + 1) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const LOST: [new (...args: never[]) => object, string][] = [
    [Map, 'Map: turn it into an object with Object.fromEntries(map)'],
    [Set, 'Set: turn it into an array with [...set]'],
    [Promise, 'Promise: await it'],
    [WeakMap, 'WeakMap, which is no JSON'],
    [WeakSet, 'WeakSet, which is no JSON'],
    [RegExp, 'RegExp: turn it into text with String(regexp)'],
    [Error, 'Error: turn it into text with String(error)'],
  ];

  const encode = (value: unknown, state: EventState): string | Fault | undefined => {
    if (empty(value)) return undefined;
    const kind = typeof value;
    const json = kind === 'object' ? JSON.stringify(value) : undefined;
    if (json === undefined || !json.startsWith('{'))
      return fault(
        `The script returned ${kind === 'object' ? 'something that is no event' : `a ${kind}`}: ${inspect(value).slice(0, 100)}. Return an object, an array of objects, or null to skip the event.`,
      );
    if (json.length > state.flags.limits.resultBytes)
      return fault(
        `The result has ${json.length} characters; the limit is ${state.flags.limits.resultBytes}.`,
        'result_bytes',
      );
    const lost = json.includes('{}') ? findLost(value, '', 0) : undefined;
    if (lost !== undefined) return fault(`The script returned what is no JSON: ${lost}.`);
    return tooDeep(json)
      ? fault(`The result is nested deeper than ${MAX_DEPTH} levels.`, 'result_depth')
      : json;
  };

  const encodeList = (list: unknown[], state: EventState): string[] | Fault => {
    const { eventsOut, resultBytes } = state.flags.limits;
    if (list.length > eventsOut)
      return fault(`The script returned ${list.length} events; the limit is ${eventsOut}.`, 'events_out');
    const texts: string[] = [];
    let size = 0;
    for (const item of list) {
      const json = encode(item, state);
      if (typeof json === 'object') return json;
      if (json === undefined) continue;
      texts.push(json);
      size += json.length;
      if (size > resultBytes)
        return fault(`The results of this event are larger than ${resultBytes} characters.`, 'result_bytes');
    }
    return texts;
  };
  const encodeAll = (list: unknown[], state: EventState): EventOutput | Fault => {
    const texts = encodeList(list, state);
    return Array.isArray(texts) ? together(state, texts) : texts;
  };
  const together = (state: EventState, texts: string[]): EventOutput => ({
    head: record(state, 0, `[${texts.map(text => text.length).join(',')}]`),
    body: texts.join(''),
  });
  /** An event goes on as it came, on one line. */
  const oneLine = (text: string): string => {
    // Between its tokens alone: in a string of JSON they are written otherwise. Numbers keep their digits.
    return text.trim().replace(/[\n\r]/g, ' ');
  };
  const encodeOne = (value: unknown, state: EventState): EventOutput | Fault => {
    const json = encode(value, state);
    if (typeof json === 'object') return json;
    return json === undefined
      ? { head: record(state, state.flags.idle ? 2 : 0, '[]'), body: '' }
      : { head: record(state, 0, `[${json.length}]`), body: json };
  };

  const placesOf = (error: Error): string =>
    String(error.stack ?? '')
      .split('\n')
      .filter(line => /^ {2}at /.test(line))
      .join('\n');
  /** What an error was caused by, and the errors it stands for. */
  const behind = (error: Error, depth: number): string => {
    if (depth >= MAX_CAUSES) return '';
    const tell = (what: string, cause: unknown): string =>
      cause instanceof Error
        ? `\n${what}: ${String(cause.name)}: ${String(cause.message)}\n${placesOf(cause)}${behind(cause, depth + 1)}`
        : `\n${what}: ${shown(cause, 200)}`;
    const cause = error.cause === undefined ? '' : tell('Caused by', error.cause);
    const { errors } = error as { errors?: unknown };
    if (!(error instanceof AggregateError) || !Array.isArray(errors)) return cause;
    return (
      cause +
      errors
        .slice(0, MAX_ERRORS)
        .map((one, at) => tell(`Error ${at + 1} of ${errors.length}`, one))
        .join('')
    );
  };
  const describe = (error: unknown): Fault => {
    if (typeof error !== 'object' || error === null)
      return fault(`The script threw ${shown(error, MAX_MESSAGE)}.`);
    if (!(error instanceof Error)) return fault(`The script threw ${shown(error, MAX_MESSAGE)}`);
    const name = String(error.name);
    const text = String(error.message);
    const message = `${name}: ${text}`.slice(0, MAX_MESSAGE);
    const lines = (placesOf(error) + behind(error, 0)).slice(0, MAX_STACK);
    const exhausted = error instanceof RangeError && /allocation failed|allocate memory/i.test(text);
    const code = exhausted ? 'SCRIPT_OUT_OF_MEMORY' : (codes.get(error) ?? 'SCRIPT_ERROR');
    return { code, message: codes.has(error) ? text : message, stack: lines };
  };

  return {
    settled(state, value) {
      try {
        const out = Array.isArray(value) ? encodeAll(value, state) : encodeOne(value, state);
        return 'head' in out ? out : broken(state, out);
      } catch (error) {
        return this.failed(state, error);
      }
    },
    texts(state, value) {
      return encodeList(Array.isArray(value) ? value : [value], state);
    },
    add(lines, state, value) {
      const made = Array.isArray(value) ? encodeList(value, state) : encode(value, state);
      if (typeof made === 'string') lines.push(made);
      else if (Array.isArray(made)) lines.push(...made);
      return made === undefined || typeof made === 'string' || Array.isArray(made);
    },
    list(events) {
      const json = JSON.stringify(events);
      const loses = (event: object): boolean =>
        JSON.stringify(event).includes('{}') && findLost(event, '', 0) !== undefined;
      return json.includes('{}') && events.some(loses) ? undefined : json;
    },
    line: oneLine,
    joined(state, texts) {
      const lines = texts.map(oneLine);
      const { eventsOut, resultBytes } = state.flags.limits;
      const size = lines.reduce((sum, { length }) => sum + length, 0);
      if (lines.length > eventsOut)
        return broken(
          state,
          fault(`The scripts returned ${lines.length} events; the limit is ${eventsOut}.`, 'events_out'),
        );
      if (size > resultBytes)
        return broken(
          state,
          fault(`The results of this event are larger than ${resultBytes} characters.`, 'result_bytes'),
        );
      return together(state, lines);
    },
    faulted: broken,
    failed(state, error) {
      try {
        return broken(state, describe(error));
      } catch {
        return broken(state, fault('The script threw a value that cannot be read.'));
      }
    },
    unreadable: state =>
      broken(state, {
        code: 'INVALID_INPUT',
        message: 'The event is no JSON object; send one on each line.',
      }),
    timedOut: state =>
      broken(state, {
        code: 'SCRIPT_TIMEOUT',
        message: `The script did not finish within ${state.flags.timeoutMs} ms. Await less, or raise timeout_ms.`,
      }),
  };
}
