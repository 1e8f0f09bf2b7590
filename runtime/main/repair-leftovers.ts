import type { Runtime } from '../main.ts';
import type { Log } from '../server/log.ts';

const REPAIR_MS = 60_000;

/** Ends what a backup or restore left behind whose kvflow was killed, and says so. */
export async function repairLeftovers(
  { nats, origin }: Pick<Runtime, 'nats' | 'origin'>,
  log: Pick<Log['logger'], 'warn'>,
): Promise<void> {
  const call = { deadline: Date.now() + REPAIR_MS };
  const { freed, deleted } = await nats.repairBackups(call, { alone: origin.kind === 'embedded' });
  for (const bucket of freed)
    log.warn(`Bucket "${bucket}" took no writes since a backup of it was killed; it takes them again.`);
  if (deleted.length > 0) log.warn(`Left over by killed backups and deleted: ${deleted.join(', ')}`);
}
