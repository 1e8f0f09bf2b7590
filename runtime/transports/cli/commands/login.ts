import { PackError } from '../../../../contract/errors.ts';
import { isFailure } from '../../../core/envelope.ts';
import type { Command } from '../command.ts';
import { textFlag } from '../command.ts';
import { EXIT, usageError } from '../exit-codes.ts';
import { readSecret } from '../secret-input.ts';

/** `kvflow login` */
export const loginCommand: Command = {
  usage: 'login <url>',
  summary: 'remembers a server and an API key, for all commands that work on data',
  help: [
    'The key is asked for without being shown, or read from standard input: echo "$KEY" | kvflow login URL. A server without keys',
    'takes an empty one. It is kept in profiles.json of your configuration folder, which only you may read. From then on commands work',
    'on that server, unless --url, --data-dir, --config or NATS_URL says otherwise.',
    '',
    '  --profile NAME      remember it under a name, and use it with --profile NAME (or KVFLOW_PROFILE); default: default',
  ].join('\n'),
  options: { profile: { type: 'string' } },
  settings: [],
  run: async ({ args, flags, host, io }) => {
    const [url] = args;
    if (!url || args.length > 1)
      throw usageError(`Usage: kvflow ${loginCommand.usage}. See: kvflow help login`);
    const name = textFlag(flags, 'profile');
    const key = await readSecret(io, `API key for ${url} (empty for none): `);
    const settings = { KVFLOW_URL: url, ...(key && { KVFLOW_API_KEY: key }) };
    await using session = await host.connect(settings, { onProgress: line => io.tell(line) });
    const answer = await session.invoke('kv-bucket-list', {});
    // A key that may not list buckets is one all the same.
    if (isFailure(answer) && answer.error.code !== 'FORBIDDEN') {
      const { code, message, ...options } = answer.error;
      throw new PackError(code, message, options);
    }
    const { path } = await host.profiles.save(name, { url, ...(key && { key }) });
    io.print(`Logged in to ${url}; it is kept in ${path}.`);
    io.print(
      `Commands work there now${name ? ` with --profile ${name}` : ''}. Undo it with: kvflow logout${name ? ` --profile ${name}` : ''}`,
    );
    return EXIT.ok;
  },
};
