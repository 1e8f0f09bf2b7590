import { parseDuration } from '../../../contract/duration.ts';
import { PackError } from '../../../contract/errors.ts';
import { isFailure } from '../../core/envelope.ts';
import type { CommandCall, Flags } from './command.ts';
import { textFlag } from './command.ts';
import { usageError } from './exit-codes.ts';
import type { Session, Via } from './host.ts';

/** Settings of every command that works on items: where they are. */
export const PLACE_SETTINGS = ['url', 'key', 'api-key', 'profile', 'data-dir', 'config'] as const;

/** Calls functions and answers their data. Throws the error of a call that failed, as PackError. */
export interface Caller extends AsyncDisposable {
  call<Output>(name: string, input: object, signal?: AbortSignal): Promise<Output>;
}

/** Gets ready for calls, on a server or on local data. */
export async function openCaller({ settings, host, io }: CommandCall, via?: Via): Promise<Caller> {
  const session: Session = await host.connect(settings, { onProgress: line => io.tell(line) }, via);
  return {
    call: async <Output>(name: string, input: object, signal?: AbortSignal) => {
      const envelope = await session.invoke(name, input, signal ? { signal } : {});
      if (!isFailure(envelope)) return envelope.data as Output;
      const { code, message, ...options } = envelope.error;
      throw new PackError(code, message, options);
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

/** The arguments, `least` to `most` of them (exactly `least` when `most` is left out). Throws INVALID_INPUT with the usage. */
export function takeArgs(args: string[], usage: string, { least = 1, most = 0 } = {}): string[] {
  if (args.length >= least && args.length <= Math.max(least, most)) return args;
  throw usageError(`Usage: kvflow ${usage}. See: kvflow help ${usage.split(' ', 1)[0]}`);
}

/** A flag that is a time, `30m` or `1h 30m`, in nanoseconds; undefined when it was not given. */
export function durationFlag(flags: Flags, name: string): number | undefined {
  const text = textFlag(flags, name);
  if (text === undefined) return undefined;
  const nanoseconds = parseDuration(text);
  if (nanoseconds) return nanoseconds;
  throw usageError(`--${name} is "${text}": must be a time such as 30s, 30m, 12h or 7d`);
}

/** A flag that is a whole number; undefined when it was not given. */
export function wholeFlag(flags: Flags, name: string): number | undefined {
  const text = textFlag(flags, name);
  return text === undefined ? undefined : wholeNumber(text, `--${name}`);
}

/** The flag that says who runs the call; this command where it was not given. */
export function viaFlag(flags: Flags): Via {
  const via = textFlag(flags, 'via') ?? 'here';
  if (via === 'here' || via === 'nats') return via;
  throw usageError(`--via is "${via}": must be nats, or left out`);
}

/** A whole number of the command line. Throws INVALID_INPUT with what it was for. */
export function wholeNumber(text: string, what: string): number {
  const number = Number(text);
  if (/^-?\d+$/.test(text) && Number.isSafeInteger(number)) return number;
  throw usageError(`${what} is "${text}": must be a whole number`);
}

/** Text on one line of a terminal: control characters, which would move it, as JSON writes them. */
export function onOneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, character => {
    const escaped = JSON.stringify(character).slice(1, -1);
    return escaped === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : escaped;
  });
}
