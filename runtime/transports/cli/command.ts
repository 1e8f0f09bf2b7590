import type { ParseArgsOptionsConfig } from 'node:util';
import type { CliHost, Settings } from './host.ts';
import type { Io } from './io.ts';

/** One command of the command line. */
export interface Command {
  /** What follows `kvflow`, for the help. */
  usage: string;
  /** One line for the list of commands. */
  summary: string;
  /** The rest of the command's own help. */
  help: string;
  /** Flags beside those of {@link SETTING_OPTIONS}. */
  options: ParseArgsOptionsConfig;
  /** Further flags that depend on the arguments; they win over others of the same name. */
  optionsFor?(args: string[], host: CliHost): Promise<ParseArgsOptionsConfig>;
  /** Settings that it takes as flags. */
  settings: (keyof typeof SETTING_OPTIONS)[];
  /** Answers the exit code. */
  run(call: CommandCall): Promise<number>;
}

/** What a command is run with. */
export interface CommandCall {
  args: string[];
  flags: Flags;
  settings: Settings;
  host: CliHost;
  io: Io;
}

/** Flags as they were given. */
export type Flags = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** Flags that override a variable, and the variable. */
export const SETTING_OPTIONS = {
  url: {
    variable: 'KVFLOW_URL',
    help: '--url URL           a kvflow that serves there, in place of local data (KVFLOW_URL)',
  },
  key: { variable: 'KVFLOW_API_KEY', help: '--key KEY           API key for --url (KVFLOW_API_KEY)' },
  'api-key': {
    variable: 'KVFLOW_API_KEY',
    help: '--api-key KEY       the same, where --key is a field of a function',
  },
  profile: {
    variable: 'KVFLOW_PROFILE',
    help: '--profile NAME      a server that was logged in to, see kvflow login (KVFLOW_PROFILE)',
  },
  host: { variable: 'KVFLOW_HOST', help: '--host ADDRESS      address to listen on (127.0.0.1)' },
  port: { variable: 'KVFLOW_PORT', help: '--port PORT         port to listen on (4280); 0 picks a free one' },
  workers: {
    variable: 'KVFLOW_WORKERS',
    help: '--workers N         processes that answer calls (1); auto: one for each core',
  },
  'data-dir': {
    variable: 'KVFLOW_DATA_DIR',
    help: '--data-dir FOLDER   where data and API keys are kept (.kvflow)',
  },
  config: { variable: 'KVFLOW_CONFIG', help: '--config FILE       config file (kvflow.yaml, if there)' },
  'log-level': {
    variable: 'KVFLOW_LOG_LEVEL',
    help: '--log-level LEVEL   silent, error, warn, info, debug (info)',
  },
} as const;

/** A text flag, undefined when it was not given. */
export function textFlag(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}
