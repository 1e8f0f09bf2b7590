import { setTimeout as sleep } from 'node:timers/promises';
import { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import { isStoreNotMade } from '../../errors.ts';
import type { JsApi } from '../../js-api.ts';
import type { StreamConfig, StreamInfo } from '../../stream-types.ts';

/** So long what a deleted stream left may keep another of its name from being made. The server removes it within a second. */
const REMOVED_MS = 2_000;
const PAUSE_MS = 50;

/**
 * Makes a stream that holds nothing of an earlier one of its name.
 *
 * The server answers a delete before the files are gone. Two things follow (nats-server 2.10 to 2.15): where the stream was the
 * account's last, its folder may vanish under the next one that is made, which is refused; and where one of the same name was deleted
 * just before, the files of the second stay in place, and the next of that name has them for its own.
 */
export async function createStream(
  call: Call,
  api: JsApi,
  config: StreamConfig,
  about: string,
): Promise<StreamInfo> {
  const until = Math.min(call.deadline, Date.now() + REMOVED_MS) - PAUSE_MS;
  for (;;) {
    try {
      const info = await api.ask<StreamInfo>(call, `STREAM.CREATE.${config.name}`, config, about);
      if (info.state.last_seq === 0) return info;
      if (!config.mirror) return await emptied(call, api, info, about);
      // What a mirror lacks after a purge it never copies: it has to be made again.
      await api.ask(call, `STREAM.DELETE.${config.name}`, undefined, about);
      if (Date.now() >= until) throw stillRemoved(about);
    } catch (error) {
      if (!isStoreNotMade(error) || Date.now() >= until) throw error;
    }
    await sleep(PAUSE_MS);
  }
}

/** What was stored after the stream was made is somebody's. */
async function emptied(call: Call, api: JsApi, info: StreamInfo, about: string): Promise<StreamInfo> {
  const { config, created, state } = info;
  if (Date.parse(state.last_ts) >= Date.parse(created)) return info;
  await api.ask(call, `STREAM.PURGE.${config.name}`, { seq: state.last_seq + 1 }, about);
  return { ...info, state: { ...state, messages: 0, bytes: 0, first_seq: state.last_seq + 1 } };
}

function stillRemoved(about: string): PackError {
  return new PackError(
    'UNAVAILABLE',
    `NATS still removes an earlier ${about}. Try again; if that stays so, restart the NATS server.`,
  );
}
