import type { Command } from './command.ts';
import { SETTING_OPTIONS } from './command.ts';
import { table } from './io.ts';

/** What `kvflow help` prints. */
export function generalHelp(commands: Record<string, Command>): string {
  const rows = Object.values(commands).map(({ usage, summary }) => [`  kvflow ${usage}`, summary]);
  return [
    'kvflow: key-value functions for workflow automation, on NATS JetStream.',
    '',
    ...table([...rows, ['  kvflow help <command>', 'more about a command'], ['  kvflow --version', '']]),
    '',
    'Settings are read from the environment and kvflow.yaml: see docs/configuration.md.',
    'Exit codes: 0 done, 1 failed, 2 wrong usage or input, 3 not found, 4 conflict.',
  ].join('\n');
}

/** What `kvflow help <command>` prints. */
export function commandHelp({ usage, summary, help, settings }: Command): string {
  const flags = settings.map(name => `  ${SETTING_OPTIONS[name].help}`);
  return [`kvflow ${usage}`, summary, '', help, ...flags].join('\n');
}
