import { stringifyExact } from '../../../../contract/exact-json.ts';
import type { Envelope, Failure } from '../../../core/envelope.ts';
import { isFailure } from '../../../core/envelope.ts';
import type { InvokeOptions } from '../../../core/invoke.ts';
import type { Command, Flags } from '../command.ts';
import { textFlag } from '../command.ts';
import { EXIT, exitCode, usageError } from '../exit-codes.ts';
import type { Via } from '../host.ts';
import type { Io } from '../io.ts';
import { PLACE_SETTINGS } from '../item-commands.ts';
import { readJsonInput } from '../json-input.ts';

/** `kvflow invoke` */
export const invokeCommand: Command = {
  usage: 'invoke <function> [json or -]',
  summary: "calls a function and prints its answer's data as JSON",
  help: [
    'The input is a JSON object: as an argument, or with - from standard input; {} when left out.',
    'Uses the NATS of NATS_URL, else the kvflow that runs on the data directory, else starts NATS for the call.',
    '',
    '  --envelope          print the whole envelope, of a failure too',
    '  --compact           print on one line',
    '  --timeout MS        give up after so many milliseconds',
    '  --via nats          let a kvflow that serves on this NATS run it, instead of this command',
  ].join('\n'),
  options: {
    envelope: { type: 'boolean' },
    compact: { type: 'boolean' },
    timeout: { type: 'string' },
    via: { type: 'string' },
  },
  settings: [...PLACE_SETTINGS],
  run: async ({ args, flags, settings, host, io }) => {
    const [name, json, ...more] = args;
    if (!name || more.length > 0)
      throw usageError(`Usage: kvflow ${invokeCommand.usage}. See: kvflow functions`);
    const options = invokeOptions(flags);
    const via = viaOf(flags);
    const input = await readJsonInput(json, io.stdin);
    await using session = await host.connect(settings, { onProgress: line => io.tell(line) }, via);
    return answer(await session.invoke(name, input, options), flags, io);
  },
};

function invokeOptions(flags: Flags): InvokeOptions {
  const timeout = textFlag(flags, 'timeout');
  if (timeout === undefined) return {};
  const timeoutMs = Number(timeout);
  if (Number.isInteger(timeoutMs) && timeoutMs > 0) return { timeoutMs };
  throw usageError(`--timeout is "${timeout}": must be a whole number of milliseconds above 0`);
}

function viaOf(flags: Flags): Via {
  const via = textFlag(flags, 'via') ?? 'here';
  if (via === 'here' || via === 'nats') return via;
  throw usageError(`--via is "${via}": must be nats, or left out`);
}

function answer(envelope: Envelope, flags: Flags, io: Io): number {
  const toJson = (value: unknown): string => stringifyExact(value, flags.compact ? 0 : 2);
  if (flags.envelope) io.print(toJson(envelope));
  if (!isFailure(envelope)) {
    if (!flags.envelope) io.print(toJson(envelope.data));
    return EXIT.ok;
  }
  for (const line of failureLines(envelope)) io.tell(line);
  return exitCode({ code: envelope.error.code, status: envelope.status_code });
}

function failureLines({ error }: Failure): string[] {
  const { code, message, details, errors = [] } = error;
  // The message of INVALID_INPUT repeats its faults on one line; a list reads better.
  const text = errors.length > 0 ? 'the input does not fit' : message;
  const faults = errors.map(fault => `  ${fault.pointer || '(input)'}  ${fault.message}`);
  return [`${code}: ${text}`, ...faults, ...(details ? [`  ${JSON.stringify(details)}`] : [])];
}
