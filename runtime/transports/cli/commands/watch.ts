import { setTimeout as after } from 'node:timers/promises';
import { PackError } from '../../../../contract/errors.ts';
import type { KvKeyWatchOutput } from '../../../../contract/types.gen.ts';
import { readPattern } from '../address.ts';
import type { Command, CommandCall } from '../command.ts';
import { textFlag } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import type { Caller } from '../item-commands.ts';
import { onOneLine, openCaller, PLACE_SETTINGS, takeArgs, wholeFlag } from '../item-commands.ts';
import { painter } from '../paint.ts';
import { stopSignal } from '../stop-signal.ts';

/** How long one call waits for changes. */
const WAIT_MS = 5_000;
/** Until the next try where the server is out of reach. */
const RETRY_MS = 1_000;

/** `kvflow watch` */
export const watchCommand: Command = {
  usage: 'watch <bucket or bucket/pattern>',
  summary: 'prints each change as it happens, until Ctrl-C',
  help: [
    'One line for each: what happened, the key and the value, with control characters as JSON has them. It goes on without a gap',
    'where a server was away.',
    '',
    '  --start WHAT        new (the default), current: first what is there now, history: first all that is kept',
    '  --count N           end after so many changes',
    '  --json              print one JSON object a line',
  ].join('\n'),
  options: { start: { type: 'string' }, count: { type: 'string' }, json: { type: 'boolean' } },
  settings: [...PLACE_SETTINGS],
  run: async call => {
    const [place = ''] = takeArgs(call.args, watchCommand.usage);
    const range = readPattern(place);
    const start = textFlag(call.flags, 'start') ?? 'new';
    const count = wholeFlag(call.flags, 'count') ?? Number.POSITIVE_INFINITY;
    await using caller = await openCaller(call);
    const stop = stopSignal(() => undefined);
    await follow(call, { caller, range, start, count, stop });
    return EXIT.ok;
  },
};

interface Following {
  caller: Caller;
  range: object;
  start: string;
  count: number;
  stop: AbortSignal;
}

async function follow(
  { io, flags }: CommandCall,
  { caller, range, start, count, stop }: Following,
): Promise<void> {
  const paint = painter(io);
  let from: object = { start };
  for (let left = count; left > 0 && !stop.aborted && !io.isClosed?.(); ) {
    const input = { ...range, ...from, wait_ms: WAIT_MS, limit: Math.min(left, 1_000) };
    const answer = await next(caller, input, { stop, begun: !('start' in from) });
    if (!answer) continue;
    if (answer.reset) io.tell('kvflow: the bucket was made again; what is there now follows');
    for (const event of answer.events) io.print(flags.json ? JSON.stringify(event) : line(event, paint));
    left -= answer.events.length;
    from = answer.next_id === undefined ? { after: answer.next } : { after_id: answer.next_id };
  }
}

/** Undefined: nothing was answered, because it is to stop or the server is away; ask again. */
async function next(
  caller: Caller,
  input: object,
  { stop, begun }: { stop: AbortSignal; begun: boolean },
): Promise<KvKeyWatchOutput | undefined> {
  try {
    // A call that is made here waits its time out, whoever is gone.
    return await unlessAborted(caller.call<KvKeyWatchOutput>('kv-key-watch', input, stop), stop);
  } catch (error) {
    if (stop.aborted) return undefined;
    // What cannot begin is told; what has begun goes on when the server is back.
    if (!begun || !(error instanceof PackError) || !error.retryable) throw error;
    await after(RETRY_MS, undefined, { signal: stop }).catch(() => undefined);
    return undefined;
  }
}

/** What was promised, or undefined as soon as the signal is aborted. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) resolve(undefined);
    const stop = (): void => resolve(undefined);
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

function line(
  { operation, key, value = '', encoding }: KvKeyWatchOutput['events'][number],
  paint: ReturnType<typeof painter>,
): string {
  const text = encoding ? `(base64) ${value}` : value;
  const shown = paint(operation === 'put' ? 'green' : 'red', operation);
  return [shown, paint('bold', onOneLine(key)), ...(operation === 'put' ? [onOneLine(text)] : [])].join('  ');
}
