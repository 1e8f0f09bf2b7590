import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { painter } from '../paint.ts';

/** `kvflow check` */
export const checkCommand: Command = {
  usage: 'check',
  summary: 'looks whether everything that kvflow needs is there, and says what to do where it is not',
  help: '',
  options: {},
  settings: ['data-dir', 'config'],
  run: async ({ settings, host, io }) => {
    const paint = painter(io);
    let failed = 0;
    for await (const { what, ok, detail } of host.check(settings, { onProgress: line => io.tell(line) })) {
      if (!ok) failed += 1;
      io.print(
        `${ok ? paint('green', 'ok  ') : paint('red', 'FAIL')}  ${what.padEnd(16)}  ${detail.replaceAll('\n', `\n${' '.repeat(24)}`)}`,
      );
    }
    io.print(failed === 0 ? 'Everything is there.' : `${failed} to fix.`);
    return failed === 0 ? EXIT.ok : EXIT.failed;
  },
};
