/** What is kept of a value beside its bytes: written with it, and read again. */
import type { MsgHdrs } from '@nats-io/transport-node';
import { headers as newHeaders } from '@nats-io/transport-node';
import type { WrittenBy } from '../../../../contract/written-by.ts';
import { parseWrittenBy } from '../../../../contract/written-by.ts';
import type { KvAbout, KvScheduled } from '../../../core/ports/items.ts';
import type { WithHeaders } from './names.ts';
import { HEADER, setPlain } from './names.ts';
import { checkedText, metadataText, readMetadata, readScheduled, writtenByText } from './texts.ts';

const LONGEST_CONTENT_TYPE = 255;

/** What is kept of a value beside its bytes. */
export interface About extends KvAbout {
  /** Who wrote it. */
  by?: WrittenBy | undefined;
  /** Of an item that waits. */
  scheduled?: KvScheduled | undefined;
}

/** The headers with what is kept of a value added; new ones where there were none, undefined where there is nothing. */
export function withAbout(headers: MsgHdrs | undefined, about: About, at = ''): MsgHdrs | undefined {
  const { contentType, metadata, by, scheduled } = about;
  if (!contentType && !metadata && !by && !scheduled) return headers;
  const all = headers ?? newHeaders();
  if (contentType) {
    all.set(HEADER.contentType, checkedText(`${at}/content_type`, contentType, LONGEST_CONTENT_TYPE));
  }
  if (metadata) all.set(HEADER.metadata, metadataText(`${at}/metadata`, metadata));
  if (by) setPlain(all, HEADER.by, writtenByText(by));
  if (scheduled) all.set(HEADER.scheduled, JSON.stringify(scheduled));
  return all;
}

/** What {@link withAbout} kept. */
export function aboutOf({ headers }: WithHeaders): About {
  if (!headers) return {};
  const contentType = headers.get(HEADER.contentType);
  const metadata = readMetadata(headers.get(HEADER.metadata));
  const by = headers.get(HEADER.by);
  const scheduled = readScheduled(headers.get(HEADER.scheduled));
  return {
    ...(contentType && { contentType }),
    ...(metadata && { metadata }),
    ...(by && { by: parseWrittenBy(by) }),
    ...(scheduled && { scheduled }),
  };
}

/** Takes away what made an item wait: its copy is none that waits. */
export function withoutSchedule(headers: MsgHdrs | undefined): MsgHdrs | undefined {
  headers?.delete(HEADER.scheduled);
  return headers;
}

/** The headers that belong to an item whatever its value, to be written again with another one. */
export function aboutHeaders({ headers }: WithHeaders): [name: string, value: string][] {
  return [HEADER.contentType, HEADER.metadata, HEADER.scheduled].flatMap(name => {
    const value = headers?.get(name);
    return value ? [[name, value]] : [];
  });
}
