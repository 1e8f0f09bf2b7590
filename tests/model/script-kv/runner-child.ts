/** A process with a sandbox and a connection of its own: `node runner-child.ts <url> <name>`; it runs what it is sent. */
import type { ModelCall } from './history.ts';
import { startRunner } from './runner.ts';

const [url = '', name = ''] = process.argv.slice(2);
const runner = await startRunner(url, name);
process.on('message', async ({ id, work }: { id: number; work: ModelCall }) => {
  const results = await runner.run(work);
  process.send?.({ id, results });
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
