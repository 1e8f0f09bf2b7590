import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from '../../../core/call.ts';
import type { JsApi } from '../../js-api.ts';
import type { StreamInfo } from '../../stream-types.ts';
import { MAX_ASIDE_MS, markOf, repairAside } from '../bucket/aside.ts';
import { COPY_PREFIX, RESTORE_PREFIX, RESTORING } from './helper-streams.ts';

/** What was left behind by backups and restores whose process is gone. */
export interface Repaired {
  /** Buckets that take writes again. */
  freed: string[];
  /** Copies, and restores that came to no end. */
  deleted: string[];
}

/** A backup or restore that takes longer than this is not taken for alive any more, in milliseconds. */
const MAX_RUNNING_MS = 6 * 3_600_000;

/**
 * Ends what processes that are gone left behind.
 * @param alone nobody else uses this NATS yet: whatever is there is left over.
 */
export async function repairBackups(
  call: Call,
  api: JsApi,
  { alone }: { alone: boolean },
): Promise<Repaired> {
  const repaired: Repaired = { freed: [], deleted: [] };
  const { streams } = await api.listStreams(call);
  for (const info of streams) {
    const { name } = info.config;
    if (markOf(info.config)) {
      if (await free(call, api, info, alone)) repaired.freed.push(name.slice('KV_'.length));
    } else if (isHelper(info) && (alone || isOld(info))) {
      await api.ask(call, `STREAM.DELETE.${name}`, undefined, name);
      repaired.deleted.push(name);
    }
  }
  return repaired;
}

/** Whoever moved its subjects aside may be at work still: it is given its time. */
async function free(call: Call, api: JsApi, info: StreamInfo, alone: boolean): Promise<boolean> {
  if (alone) return await repairAside(call, api, info, { most: 0 });
  const until = Math.min(call.deadline, Date.now() + MAX_ASIDE_MS * 2);
  for (let now = info; markOf(now.config) && Date.now() < until; ) {
    if (await repairAside(call, api, now)) return true;
    await sleep(MAX_ASIDE_MS / 20);
    now = await api.streamInfo(call, info.config.name);
  }
  return false;
}

/** Streams of a backup or a restore; a bucket that is being restored is one until it is whole. */
export function isHelper({ config }: Pick<StreamInfo, 'config'>): boolean {
  const { name, metadata } = config;
  return (
    name.startsWith(COPY_PREFIX) || name.startsWith(RESTORE_PREFIX) || metadata?.[RESTORING] !== undefined
  );
}

function isOld({ created, ts }: StreamInfo): boolean {
  return (ts ? Date.parse(ts) : Date.now()) - Date.parse(created) > MAX_RUNNING_MS;
}
