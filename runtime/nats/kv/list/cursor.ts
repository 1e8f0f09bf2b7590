import { invalidField } from '../../../../contract/errors.ts';

/** Where a listing goes on, as its caller holds it. */
export interface Cursor {
  /** Which bucket of this name: another where it was made again. */
  bucket: string;
  /** Everything up to this sequence number is done. */
  after: number;
  /** Which listing, where the process that answers knows it. */
  listing: string;
  /** The page that this cursor asks for, counted from 1. */
  page: number;
}

const FORM = /^c1\.([0-9a-z]+)\.([0-9]{1,16})\.([\w-]+)\.([0-9]{1,9})$/;

/** A cursor as text. */
export function writeCursor({ bucket, after, listing, page }: Cursor): string {
  return ['c1', bucket, after, listing, page].join('.');
}

/** A cursor's text read; what is none throws INVALID_INPUT. */
export function readCursor(text: string): Cursor {
  const [, bucket, after, listing, page] = FORM.exec(text) ?? [];
  if (!bucket || !after || !listing || !page)
    throw invalidField('/cursor', 'is no cursor; pass cursor of the page before, or leave it out');
  return { bucket, after: Number(after), listing, page: Number(page) };
}
