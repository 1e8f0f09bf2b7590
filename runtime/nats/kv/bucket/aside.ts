import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from '../../../core/call.ts';
import type { JsApi } from '../../js-api.ts';
import type { StreamConfig, StreamInfo } from '../../stream-types.ts';
import { prefixOf } from './origins.ts';

/** Metadata of a stream whose subjects are moved aside for a moment, so that nothing is written to it. */
const ASIDE = 'kvflow.aside';

/**
 * How long a bucket may stand aside, in milliseconds. Whoever finds one that does for longer puts its subjects back: the process
 * that moved them is gone. What it was making then is given up, see {@link isAside}.
 */
export const MAX_ASIDE_MS = 5_000;
/** Between two looks whether it does still. */
const POLL_MS = 50;

/** Who moved a stream's subjects aside, when, and what they were. */
export interface Mark {
  id: string;
  /** Milliseconds since 1970 by the server's clock. */
  at: number;
  subjects: string[];
}

/** The mark of a stream that stands aside; undefined: it does not. */
export function markOf(config: Pick<StreamConfig, 'name' | 'subjects' | 'metadata'>): Mark | undefined {
  const mark = writtenMark(config);
  const { id, at, subjects } = mark ?? { id: '', at: 0, subjects: config.subjects };
  // Copies on their way have no other subject.
  if (!config.name.startsWith('KV_') || subjects?.join() !== asideSubject(config)) return mark;
  // Builds before took what another had moved aside for what the subjects were, and put that back.
  return { id, at, subjects: [`${prefixOf(config)}>`] };
}

function writtenMark({ metadata }: Pick<StreamConfig, 'metadata'>): Mark | undefined {
  const text = metadata?.[ASIDE];
  if (!text) return undefined;
  try {
    const { id = '', at = 0, subjects = [] } = JSON.parse(text) as Partial<Mark>;
    return subjects.length > 0 ? { id, at, subjects } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Moves a stream's subjects aside. What they were is kept in the stream itself, by the same request, so that no crash can lose
 * it. Whoever writes gets no responders until {@link putBack}; reads go on. Where somebody else has moved them already this takes
 * their place, and puts back what they were at first.
 */
export async function moveAside(call: Call, api: JsApi, info: StreamInfo, id: string): Promise<StreamInfo> {
  const config = withoutMark(info.config);
  const at = info.ts ? Date.parse(info.ts) : Date.now();
  const mark: Mark = { id, at, subjects: config.subjects ?? [] };
  const aside = {
    ...config,
    subjects: [asideSubject(config)],
    metadata: { ...config.metadata, [ASIDE]: JSON.stringify(mark) },
  };
  return await api.ask<StreamInfo>(call, `STREAM.UPDATE.${config.name}`, aside, aboutBucket(config.name));
}

/** Gives a stream its subjects again, where they are still moved aside under `id`. Whether they were. */
export async function putBack(call: Call, api: JsApi, stream: string, id: string): Promise<boolean> {
  const { config } = await api.streamInfo(call, stream);
  const mark = markOf(config);
  if (mark?.id !== id) return false;
  await api.ask(call, `STREAM.UPDATE.${stream}`, withoutMark(config), aboutBucket(stream));
  return true;
}

/** A configuration as it is when the stream does not stand aside. */
export function withoutMark(config: StreamConfig): StreamConfig {
  const { [ASIDE]: _mark, ...metadata } = config.metadata ?? {};
  return { ...config, metadata, subjects: markOf(config)?.subjects ?? config.subjects ?? [] };
}

/** Whether a stream stands aside under `id` still: since it was moved there nobody has written to it. */
export function isAside({ config }: StreamInfo, id: string): boolean {
  return markOf(config)?.id === id;
}

/** Puts the subjects of a stream back that stands aside for too long, whoever moved them. Whether it did. */
export async function repairAside(
  call: Call,
  api: JsApi,
  info: StreamInfo,
  { most = MAX_ASIDE_MS }: { most?: number } = {},
): Promise<boolean> {
  const mark = markOf(info.config);
  if (!mark) return false;
  const now = info.ts ? Date.parse(info.ts) : Date.now();
  return now - mark.at >= most && (await putBack(call, api, info.config.name, mark.id));
}

/**
 * A stream's information that its configuration can be changed by: what is read while its subjects are moved aside would move them there
 * again. Waits until they are put back, and puts back itself those whose mover is gone; at the deadline answers the
 * configuration as it is when the stream does not stand aside.
 */
export async function notAside(call: Call, api: JsApi, read: () => Promise<StreamInfo>): Promise<StreamInfo> {
  for (;;) {
    const info = await read();
    if (!markOf(info.config)) return info;
    if (await repairAside(call, api, info)) continue;
    if (Date.now() + POLL_MS >= call.deadline) return { ...info, config: withoutMark(info.config) };
    await sleep(POLL_MS);
  }
}

function asideSubject({ name }: Pick<StreamConfig, 'name'>): string {
  return `kvflow.aside.${name}`;
}

function aboutBucket(stream: string): string {
  return `bucket "${stream.slice('KV_'.length)}"`;
}
