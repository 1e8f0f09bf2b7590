import type { KvMarker } from './items.ts';
import type { KvTransactPut } from './transactions.ts';

/** A revision of another bucket, to be written here. */
export type KvRevision = { key: string; revision: number } & (
  | (Omit<KvTransactPut, 'key' | 'expectedRevision'> & { operation?: undefined })
  | {
      operation: KvMarker['operation'];
      /** RFC 3339; when the item ended. */
      createdAt: string;
    }
);

/** Revisions to be written in their order, on keys that have nothing of another origin. */
export interface KvHistoryImport {
  bucket: string;
  /** `source` of the pages they came with. */
  source: string;
  revisions: readonly KvRevision[];
  /** A key that has something of another origin: is left as it is, loses it to what is imported, or ends the import. */
  onConflict: 'skip' | 'overwrite' | 'fail';
}

/** What a backup says of itself, before its parts. */
export interface BackupHeader {
  bucket: string;
  /** RFC 3339, by the server's clock: the moment the bucket was as it is in the backup. */
  at: string;
  /** The bucket's last revision then. */
  revision: number;
  /** Values and markers, past ones too. */
  messages: number;
  /** How long writes had to wait; milliseconds. */
  paused_ms: number;
  /** What stored keys begin with. */
  prefix: string;
  /** The server's own description of the bucket. */
  config: object;
  state: object;
}

/** A whole bucket as it was at one moment, with history. Its parts are to be taken without long pauses; then it is disposed of. */
export interface KvBackup extends AsyncDisposable {
  header: BackupHeader;
  /** The server's archive. */
  parts: AsyncIterable<Uint8Array>;
}

/** A backup that is to be a bucket again. */
export interface KvRestore {
  /** Its name from now on, which no bucket has. */
  bucket: string;
  header: BackupHeader;
  /** What these throw ends the restore, and nothing is left of it. */
  parts: AsyncIterable<Uint8Array>;
  /** In place of as many as the bucket had. */
  replicas?: number;
}
