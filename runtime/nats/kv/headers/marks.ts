/** What tells one write of ours from another. */
import type { MsgHdrs } from '@nats-io/transport-node';
import type { WithHeaders } from './names.ts';
import { HEADER, setPlain } from './names.ts';

/** Which revision of which bucket a message is a copy of. */
export interface ImportedFrom {
  /** `history_of` of the export. */
  source: string;
  revision: number;
}

/** Names a write, so that it is known again when its answer was lost. */
export function setWriteId(headers: MsgHdrs, id: string): void {
  setPlain(headers, HEADER.write, id);
}

/** The name of {@link setWriteId}; empty: none. */
export function writeIdOf({ headers }: WithHeaders): string {
  return headers?.get(HEADER.write) ?? '';
}

/** Keeps the last steps of the processes that count, `process=number@at,...` with seconds since 1970. */
export function setSteps(headers: MsgHdrs, steps: string): void {
  headers.append(HEADER.steps, steps);
}

/** What {@link setSteps} kept; empty: none. */
export function stepsOf({ headers }: WithHeaders): string {
  return headers?.get(HEADER.steps) ?? '';
}

/** Notes what {@link importedFrom} reads. */
export function setImported(headers: MsgHdrs, { source, revision }: ImportedFrom): void {
  headers.set(HEADER.imported, `${source} ${revision}`);
}

/** Where a message was imported from, with its history; undefined: it was not. */
export function importedFrom({ headers }: WithHeaders): ImportedFrom | undefined {
  const [source, revision] = (headers?.get(HEADER.imported) ?? '').split(' ');
  return source && revision ? { source, revision: Number(revision) } : undefined;
}
