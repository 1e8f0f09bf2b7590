import type { Command } from '../command.ts';
import { textFlag } from '../command.ts';
import { EXIT } from '../exit-codes.ts';

/** `kvflow logout` */
export const logoutCommand: Command = {
  usage: 'logout',
  summary: 'forgets a server that was logged in to, and its key',
  help: '  --profile NAME      the one that has this name; default: default',
  options: { profile: { type: 'string' } },
  settings: [],
  run: async ({ flags, host, io }) => {
    const name = textFlag(flags, 'profile');
    const was = await host.profiles.remove(name);
    io.print(was ? 'Logged out.' : `Nobody was logged in${name ? ` as ${name}` : ''}.`);
    return EXIT.ok;
  },
};
