import { parseArgs } from 'node:util';
import type { Command, Flags } from './command.ts';
import { SETTING_OPTIONS } from './command.ts';
import { backupCommand } from './commands/backup.ts';
import { checkCommand } from './commands/check.ts';
import { completionCommand } from './commands/completion.ts';
import { cpCommand } from './commands/cp.ts';
import { devCommand } from './commands/dev.ts';
import { doctorCommand } from './commands/doctor.ts';
import { editCommand } from './commands/edit.ts';
import { exportCommand } from './commands/export.ts';
import { functionsCommand } from './commands/functions.ts';
import { getCommand } from './commands/get.ts';
import { historyCommand } from './commands/history.ts';
import { importCommand } from './commands/import.ts';
import { incrCommand } from './commands/incr.ts';
import { invokeCommand } from './commands/invoke.ts';
import { keysCommand } from './commands/keys.ts';
import { loginCommand } from './commands/login.ts';
import { logoutCommand } from './commands/logout.ts';
import { lsCommand } from './commands/ls.ts';
import { mcpCommand } from './commands/mcp.ts';
import { mvCommand } from './commands/mv.ts';
import { putCommand } from './commands/put.ts';
import { queryCommand } from './commands/query.ts';
import { restoreCommand } from './commands/restore.ts';
import { rmCommand } from './commands/rm.ts';
import { startCommand } from './commands/start.ts';
import { transformCommand } from './commands/transform.ts';
import { treeCommand } from './commands/tree.ts';
import { watchCommand } from './commands/watch.ts';
import { didYouMean } from './did-you-mean.ts';
import { EXIT, explain, usageError } from './exit-codes.ts';
import { commandHelp, generalHelp } from './help.ts';
import type { CliHost, Settings } from './host.ts';
import type { Io } from './io.ts';
import { painter } from './paint.ts';

const COMMANDS: Record<string, Command> = {
  start: startCommand,
  dev: devCommand,
  login: loginCommand,
  logout: logoutCommand,
  get: getCommand,
  put: putCommand,
  ls: lsCommand,
  rm: rmCommand,
  cp: cpCommand,
  mv: mvCommand,
  incr: incrCommand,
  edit: editCommand,
  history: historyCommand,
  tree: treeCommand,
  watch: watchCommand,
  invoke: invokeCommand,
  functions: functionsCommand,
  export: exportCommand,
  import: importCommand,
  backup: backupCommand,
  restore: restoreCommand,
  transform: transformCommand,
  query: queryCommand,
  mcp: mcpCommand,
  keys: keysCommand,
  check: checkCommand,
  doctor: doctorCommand,
  completion: completionCommand(() => COMMANDS),
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
  if (name === '--version' || name === '-v' || name === 'version') return say(io, host.manifest().version);
  if (name === undefined || name === '--help' || name === '-h') return say(io, generalHelp(COMMANDS));
  if (name === 'help') return say(io, helpFor(rest[0], host));
  refuseBrokenText(rest);
  const command = find(name, host);
  const own = command.optionsFor?.(rest, host) ?? {};
  const { values, positionals } = parse(name, { ...command, options: { ...command.options, ...own } }, rest);
  if (values.help) return say(io, commandHelp(command));
  return command.run({ args: positionals, flags: values, settings: settingsOf(values, own), host, io });
}

function find(name: string, host: CliHost): Command {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command) return command;
  if (host.manifest().functions.some(fn => fn.name === name))
    throw usageError(`"${name}" is a function: kvflow invoke ${name}. See: kvflow functions ${name}`);
  const names = Object.keys(COMMANDS);
  throw usageError(
    `There is no command "${name}".${didYouMean(name, names)} Commands: ${names.join(', ')}. See: kvflow help`,
  );
}

function helpFor(name: string | undefined, host: CliHost): string {
  return name === undefined ? generalHelp(COMMANDS) : commandHelp(find(name, host));
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
