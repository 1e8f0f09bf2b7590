import { openInBrowser } from '../browser.ts';
import type { Command } from '../command.ts';
import { runServer, startCommand } from './start.ts';

/** `kvflow dev` */
export const devCommand: Command = {
  usage: 'dev',
  summary: 'runs the server as start does, and opens the dashboard in a browser',
  help: `Where there is no browser the address is printed.\n\n  --no-open           open nothing\n${startCommand.help}`,
  options: { open: { type: 'boolean' } },
  settings: startCommand.settings,
  run: call =>
    runServer(call, ({ url, dashboard, keysRequired }) => {
      if (call.flags.open === false) return;
      const address = dashboard ? `${url}/ui/` : `${url}/docs`;
      if (keysRequired) call.io.tell('kvflow: the dashboard asks for one of your API keys');
      openInBrowser(address, call.io.env, () => call.io.print(`Open ${address} in a browser.`));
    }),
};
