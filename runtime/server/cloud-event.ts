import { invalidField } from '../../contract/errors.ts';
import type { StreamEvent } from './event-stream.ts';

/** How the changes of a watch are told: as they are, or each as a CloudEvent. */
export type EventFormat = 'kvflow' | 'cloudevents';

/**
 * A change as a CloudEvent 1.0 in the structured JSON format: its id and the bucket as source name it for good, so that who gets
 * it twice can tell. Events about the stream itself (`synced`, `error`, `closing`) are no changes and stay as they are.
 */
export function toCloudEvent(event: StreamEvent & { data: object }, bucket: string): StreamEvent {
  const { key, created_at } = event.data as { key?: string; created_at?: string };
  return {
    ...event,
    data: {
      specversion: '1.0',
      id: String(event.id),
      source: `/buckets/${bucket}`,
      type: `dev.kvflow.${key === undefined ? 'bucket' : 'key'}.${event.event}`,
      ...(key !== undefined && { subject: key }),
      time: created_at ?? new Date().toISOString(),
      datacontenttype: 'application/json',
      data: event.data,
    },
  };
}

/** Reads `format`. Throws INVALID_INPUT. */
export function readFormat(format: unknown): EventFormat {
  if (format === undefined || format === 'kvflow') return 'kvflow';
  if (format === 'cloudevents') return format;
  throw invalidField('/format', 'must be kvflow or cloudevents');
}
