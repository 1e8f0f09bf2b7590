import type { Command, Flags } from '../command.ts';
import { textFlag } from '../command.ts';
import { EXIT, usageError } from '../exit-codes.ts';
import type { McpScope } from '../host.ts';
import { stopSignal } from '../stop-signal.ts';

/** `kvflow mcp` */
export const mcpCommand: Command = {
  usage: 'mcp',
  summary: 'speaks the Model Context Protocol on stdin and stdout, for agents',
  help: [
    'For the configuration of an agent: it starts this command and calls every function as a tool.',
    'Uses the NATS of NATS_URL, else the kvflow that runs on the data directory, else starts NATS for as long as it runs.',
    '',
    '  --functions LIST    functions that the agent may call, * as wildcard (all)',
    '  --buckets LIST      buckets that it may use, * as wildcard (all)',
    '  --read-only         refuse every function that changes something',
    '  --toolset NAME      functions that are listed: default, all, kv, admin, transform, identify',
  ].join('\n'),
  options: {
    functions: { type: 'string' },
    buckets: { type: 'string' },
    'read-only': { type: 'boolean' },
    toolset: { type: 'string' },
  },
  settings: ['data-dir', 'config'],
  run: async ({ args, flags, settings, host, io }) => {
    if (args.length > 0) throw usageError('Usage: kvflow mcp. It takes no arguments; see: kvflow help mcp');
    const tell = (line: string): void => io.tell(line);
    await host.mcp(settings, {
      onProgress: tell,
      signal: stopSignal(tell),
      scope: scopeOf(flags),
      toolset: textFlag(flags, 'toolset'),
    });
    return EXIT.ok;
  },
};

function scopeOf(flags: Flags): McpScope {
  return {
    functions: listFlag(flags, 'functions'),
    buckets: listFlag(flags, 'buckets'),
    readOnly: flags['read-only'] === true,
  };
}

function listFlag(flags: Flags, name: string): string[] {
  const text = textFlag(flags, name);
  if (text === undefined) return ['*'];
  const entries = text
    .split(',')
    .map(entry => entry.trim())
    .filter(entry => entry !== '');
  if (entries.length > 0) return entries;
  throw usageError(`--${name} names nothing; leave it out for all, or name some, separated by commas`);
}
