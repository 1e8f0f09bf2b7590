import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BucketReport } from '../../nats/kv/inspect.ts';

/** How far a bucket was seen to be. */
export interface Mark {
  /** Another where the bucket was made again. */
  created: string;
  revision: number;
}

/** Of buckets, by name. */
export type Marks = Record<string, Mark>;

/** A bucket that is behind what was seen of it. */
export interface Behind {
  bucket: string;
  had: number;
  has: number;
}

const FORM = 1;

/** How far each bucket was when it was last looked at; none where nobody has looked, or the file cannot be read. */
export async function readMarks(dataDir: string): Promise<Marks> {
  try {
    const { form, buckets } = JSON.parse(await readFile(fileOf(dataDir), 'utf8'));
    return form === FORM ? (buckets as Marks) : {};
  } catch {
    return {};
  }
}

/** Keeps it, as a whole or not at all. */
export async function writeMarks(dataDir: string, buckets: Marks): Promise<void> {
  const file = fileOf(dataDir);
  await writeFile(`${file}.new`, JSON.stringify({ form: FORM, buckets }), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** Which buckets have gone back: what NATS had stored, it has no more. One that was made again has not. */
export function behind(marks: Marks, buckets: readonly BucketReport[]): Behind[] {
  return buckets.flatMap(({ bucket, created, lastRevision, loss }) => {
    const mark = marks[bucket];
    if (!mark || mark.created !== created || lastRevision >= mark.revision) return [];
    // Noted already: what is written since is not what was lost.
    if (loss && loss.had >= mark.revision) return [];
    return [{ bucket, had: mark.revision, has: lastRevision }];
  });
}

/** What was seen, with what is seen now. A bucket that is gone is forgotten. */
export function marksOf(buckets: readonly BucketReport[]): Marks {
  return Object.fromEntries(
    buckets.map(({ bucket, created, lastRevision: revision }) => [bucket, { created, revision }]),
  );
}

function fileOf(dataDir: string): string {
  return join(dataDir, 'high-water.json');
}
