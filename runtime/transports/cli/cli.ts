import { parseArgs } from 'node:util';
import type { Command, Flags } from './command.ts';
import { SETTING_OPTIONS } from './command.ts';
import { didYouMean } from './did-you-mean.ts';
import { EXIT, explain, usageError } from './exit-codes.ts';
import { commandHelp, generalHelp } from './help.ts';
import type { CliHost, Settings } from './host.ts';
import type { Io } from './io.ts';
import { painter } from './paint.ts';

/** Each is loaded where it is the one that is named, or where all of them are told of. */
const COMMANDS: Record<string, () => Promise<Command>> = {
  start: async () => (await import('./commands/start.ts')).startCommand,
  dev: async () => (await import('./commands/dev.ts')).devCommand,
  login: async () => (await import('./commands/login.ts')).loginCommand,
  logout: async () => (await import('./commands/logout.ts')).logoutCommand,
  get: async () => (await import('./commands/get.ts')).getCommand,
  put: async () => (await import('./commands/put.ts')).putCommand,
  ls: async () => (await import('./commands/ls.ts')).lsCommand,
  rm: async () => (await import('./commands/rm.ts')).rmCommand,
  cp: async () => (await import('./commands/cp.ts')).cpCommand,
  mv: async () => (await import('./commands/mv.ts')).mvCommand,
  incr: async () => (await import('./commands/incr.ts')).incrCommand,
  edit: async () => (await import('./commands/edit.ts')).editCommand,
  history: async () => (await import('./commands/history.ts')).historyCommand,
  tree: async () => (await import('./commands/tree.ts')).treeCommand,
  watch: async () => (await import('./commands/watch.ts')).watchCommand,
  invoke: async () => (await import('./commands/invoke.ts')).invokeCommand,
  functions: async () => (await import('./commands/functions.ts')).functionsCommand,
  export: async () => (await import('./commands/export.ts')).exportCommand,
  import: async () => (await import('./commands/import.ts')).importCommand,
  backup: async () => (await import('./commands/backup.ts')).backupCommand,
  restore: async () => (await import('./commands/restore.ts')).restoreCommand,
  transform: async () => (await import('./commands/transform.ts')).transformCommand,
  query: async () => (await import('./commands/query.ts')).queryCommand,
  mcp: async () => (await import('./commands/mcp.ts')).mcpCommand,
  keys: async () => (await import('./commands/keys.ts')).keysCommand,
  check: async () => (await import('./commands/check.ts')).checkCommand,
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand,
  completion: async () => (await import('./commands/completion.ts')).completionCommand(allCommands),
};

/** Runs one command line; answers the exit code. Never throws. */
export async function runCli(argv: string[], host: CliHost, io: Io): Promise<number> {
  try {
    return await dispatch(argv, host, io);
  } catch (thrown) {
    const { code, text } = explain(thrown);
    io.tell(painter({ ...io, isTerminal: io.isErrorTerminal ?? false })('red', `kvflow: ${text}`));
    return code;
  }
}

async function dispatch([name, ...rest]: string[], host: CliHost, io: Io): Promise<number> {
  if (name === '--version' || name === '-v' || name === 'version')
    return say(io, (await host.manifest()).version);
  if (name === undefined || name === '--help' || name === '-h')
    return say(io, await helpFor(undefined, host));
  if (name === 'help') return say(io, await helpFor(rest[0], host));
  refuseBrokenText(rest);
  const command = await find(name, host);
  const own = (await command.optionsFor?.(rest, host)) ?? {};
  const { values, positionals } = parse(name, { ...command, options: { ...command.options, ...own } }, rest);
  if (values.help) return say(io, commandHelp(command));
  return command.run({ args: positionals, flags: values, settings: settingsOf(values, own), host, io });
}

async function find(name: string, host: CliHost): Promise<Command> {
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load) return await load();
  if ((await host.manifest()).functions.some(fn => fn.name === name))
    throw usageError(`"${name}" is a function: kvflow invoke ${name}. See: kvflow functions ${name}`);
  const names = Object.keys(COMMANDS);
  throw usageError(
    `There is no command "${name}".${didYouMean(name, names)} Commands: ${names.join(', ')}. See: kvflow help`,
  );
}

async function helpFor(name: string | undefined, host: CliHost): Promise<string> {
  return name === undefined ? generalHelp(await allCommands()) : commandHelp(await find(name, host));
}

async function allCommands(): Promise<Record<string, Command>> {
  const loading = Object.entries(COMMANDS).map(async ([name, load]) => [name, await load()] as const);
  return Object.fromEntries(await Promise.all(loading));
}

function parse(name: string, command: Command, args: string[]): { values: Flags; positionals: string[] } {
  const settings = command.settings.map(setting => [setting, { type: 'string' }] as const);
  const options = {
    ...Object.fromEntries(settings),
    ...command.options,
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    const { values, positionals } = parseArgs({
      args: hideNegatives(args),
      options,
      allowPositionals: true,
      allowNegative: true,
    });
    const shown = Object.entries(values).map(([flag, value]) => [
      flag,
      Array.isArray(value) ? value.map(showNegative) : showNegative(value),
    ]);
    return { values: Object.fromEntries(shown) as Flags, positionals: positionals.map(showNegative) };
  } catch (error) {
    // Node's text goes on about how to pass such a thing as a positional argument; nobody wants that here.
    const [fault] = (error as Error).message.split('. To specify');
    throw usageError(`${fault}. See: kvflow help ${name}`);
  }
}

/** No argument can hold it, so that one beginning with it is ours. */
const HIDDEN = '\0';

/** No flag is a number: what begins like a negative one is a value, which parseArgs would take for a flag. */
function hideNegatives(args: string[]): string[] {
  const end = args.indexOf('--');
  return args.map((arg, at) => ((end < 0 || at < end) && /^-\.?\d/.test(arg) ? HIDDEN + arg : arg));
}

function showNegative<T>(value: T): T {
  return typeof value === 'string' && value.startsWith(HIDDEN) ? (value.slice(1) as T) : value;
}

/** Node reads bytes of an argument that are no UTF-8 as U+FFFD, which would be stored in their place. */
function refuseBrokenText(args: string[]): void {
  if (!args.some(arg => arg.includes('\ufffd'))) return;
  throw usageError(
    'An argument is not UTF-8 text. Give bytes on standard input with -, or as a file: put BUCKET/KEY @FILE',
  );
}

/** Flags that stand for a variable, under its name; not those that are the command's own. */
function settingsOf(flags: Flags, own: object): Settings {
  const given = Object.entries(SETTING_OPTIONS).flatMap(([flag, { variable }]) => {
    const value = Object.hasOwn(own, flag) ? undefined : flags[flag];
    return typeof value === 'string' ? [[variable, value] as const] : [];
  });
  return Object.fromEntries(given);
}

function say(io: Io, text: string): number {
  io.print(text);
  return EXIT.ok;
}
