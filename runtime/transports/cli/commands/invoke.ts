import { PackError } from '../../../../contract/errors.ts';
import { stringifyExact } from '../../../../contract/exact-json.ts';
import type { Envelope, Failure } from '../../../core/envelope.ts';
import { isFailure } from '../../../core/envelope.ts';
import type { InvokeOptions } from '../../../core/invoke.ts';
import type { ManifestFunction } from '../../../core/manifest.ts';
import type { Command, Flags } from '../command.ts';
import { textFlag } from '../command.ts';
import { didYouMean } from '../did-you-mean.ts';
import { EXIT, exitCode, usageError } from '../exit-codes.ts';
import { fieldOptions, joinInput, readFields } from '../field-flags.ts';
import type { Io } from '../io.ts';
import { PLACE_SETTINGS, viaFlag } from '../item-commands.ts';
import { readJsonInput } from '../json-input.ts';

/** `kvflow invoke` */
export const invokeCommand: Command = {
  usage: 'invoke <function> [json or -] [--field value ...]',
  summary: "calls a function and prints its answer's data as JSON",
  help: [
    'The input is a JSON object: as an argument, or with - from standard input; {} when left out.',
    'Each field is a flag too: kvflow invoke kv-key-put --bucket users --key ada --value Ada --ttl 30m. Times are 30s, 30m, 7d;',
    'objects and lists are JSON, lists also the flag several times; --no-json is false. A field wins over a flag below.',
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
  optionsFor: async (args, host) => {
    const { functions } = await host.manifest();
    const fn = functionOf(args, functions);
    if (!fn) refuseUnknown(args, functions);
    return fn ? fieldOptions(fn) : {};
  },
  settings: [...PLACE_SETTINGS],
  run: async ({ args, flags, settings, host, io }) => {
    const [name, json, ...more] = args;
    if (!name || more.length > 0)
      throw usageError(`Usage: kvflow ${invokeCommand.usage}. See: kvflow functions`);
    const { functions } = await host.manifest();
    const fn = functionOf([name], functions);
    const fields = fn ? readFields(fn, flags) : {};
    // A flag that is a field says nothing of how to call.
    const own = withoutFields(flags, fn);
    const options = invokeOptions(own);
    const via = viaFlag(own);
    const input = joinInput(await readJsonInput(json, io.stdin), fields);
    await using session = await host.connect(settings, { onProgress: line => io.tell(line) }, via);
    const envelope = await session.invoke(name, input, options);
    const code = answer(envelope, own, io);
    if (isFailure(envelope) && envelope.error.code === 'FUNCTION_NOT_FOUND') suggest(name, functions, io);
    return code;
  },
};

/** The function that is named, or undefined: a server may have more than this program knows of. */
function functionOf(args: string[], functions: ManifestFunction[]): ManifestFunction | undefined {
  const name = args.find(arg => functions.some(fn => fn.name === arg));
  return functions.find(fn => fn.name === name);
}

/** Fields of a function that is not known cannot be read: it is the name that is wrong, not its flags. */
function refuseUnknown(args: string[], functions: ManifestFunction[]): void {
  const [name = ''] = args;
  const own = [...Object.keys(invokeCommand.options), ...invokeCommand.settings, 'help'];
  const isOwn = (arg: string): boolean => own.includes(arg.replace(/^--(no-)?/, '').replace(/=.*$/s, ''));
  if (name.startsWith('-') || !args.some(arg => /^--\w/.test(arg) && !isOwn(arg))) return;
  const names = functions.map(fn => fn.name);
  throw new PackError(
    'FUNCTION_NOT_FOUND',
    `There is no function "${name}".${didYouMean(name, names)} See: kvflow functions`,
  );
}

function withoutFields(flags: Flags, fn: ManifestFunction | undefined): Flags {
  const fields = fn ? fieldOptions(fn) : {};
  return Object.fromEntries(Object.entries(flags).filter(([name]) => !Object.hasOwn(fields, name)));
}

function suggest(name: string, functions: ManifestFunction[], io: Io): void {
  const names = functions.map(fn => fn.name);
  io.tell(`${didYouMean(name, names)} See: kvflow functions`.trim());
}

function invokeOptions(flags: Flags): InvokeOptions {
  const timeout = textFlag(flags, 'timeout');
  if (timeout === undefined) return {};
  const timeoutMs = Number(timeout);
  if (Number.isInteger(timeoutMs) && timeoutMs > 0) return { timeoutMs };
  throw usageError(`--timeout is "${timeout}": must be a whole number of milliseconds above 0`);
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
  // All names there are would hide the one that was meant, which is told behind.
  const more = details && code !== 'FUNCTION_NOT_FOUND' ? [`  ${JSON.stringify(details)}`] : [];
  return [`${code}: ${text}`, ...faults, ...more];
}
