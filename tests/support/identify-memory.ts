/** kvflow with a warehouse in memory, and without any, for tests of identify that need no real one. */
import { startKvflow } from './kvflow.ts';
import { memoryDestination, memoryDestinations } from './warehouses/memory.ts';

/** What identify answers. */
export type Answer = {
  events: Record<string, unknown>[];
  remembered: number;
  recognized: number;
  loaded: number;
  amended: number;
  skipped: Record<string, number>;
  failed: { index?: number; code: string; message: string }[];
  events_left_out?: number;
  has_more?: boolean;
};

/** Ids of the events of an answer. */
export const ids = ({ events }: Answer) => events.map(({ event_id }) => event_id);
/** What tells events apart where no destination says it. */
export const key = { primary_key_fields: ['event_id'] };

/** `identify` calls it with the destination `memory`. */
export async function withMemory() {
  const memory = memoryDestination();
  const k = await startKvflow({ recognition: { destinations: memoryDestinations(memory) } });
  const identify = async (events: unknown[], more: object = {}) =>
    (await k.call('identify', { destination: 'memory', events, ...more })) as unknown as Answer;
  return { ...k, memory, identify };
}

/** `identify` calls it without a destination. */
export async function flow() {
  const k = await startKvflow();
  const identify = async (events: unknown[], more: object = {}) =>
    (await k.call('identify', { events, ...key, ...more })) as unknown as Answer;
  return { ...k, identify };
}
