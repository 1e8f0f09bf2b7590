/** A process with a sandbox and a connection of its own: `node runner-child.ts <url>`; it runs what it is sent. */
import { startRunner } from './runner.ts';

const runner = startRunner(process.argv[2] ?? '');
process.on(
  'message',
  async ({ id, work, killWorkers }: { id: number; work?: object; killWorkers?: true }) => {
    if (killWorkers) return runner.killWorkers();
    const results = await runner.run(work as Parameters<typeof runner.run>[0]);
    process.send?.({ id, results });
  },
);
process.on('disconnect', () => process.exit());
process.send?.('ready');
