import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Call } from '../../core/call.ts';
import type { BucketReport, Inspection } from '../../nats/kv/inspect.ts';

/** How far a bucket was seen to be. */
export interface Mark {
  /** Another where the bucket was made again. */
  created: string;
  revision: number;
  /** RFC 3339; when, by the clock that messages are stamped with. */
  seenAt?: string;
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

/** Forgets how far a bucket was: what it lost is made good, or accepted. */
export async function forgetMark(dataDir: string, bucket: string): Promise<void> {
  const { [bucket]: known, ...others } = await readMarks(dataDir);
  if (known) await writeMarks(dataDir, others);
}

/**
 * Which buckets have gone back: what NATS had stored, it has no more. One that was made again has not. Where revisions were given
 * again since, those that are younger than the last look are not what was there then.
 */
export async function behind(
  call: Call,
  nats: Pick<Inspection, 'firstSince'>,
  { marks, buckets }: { marks: Marks; buckets: readonly BucketReport[] },
): Promise<Behind[]> {
  const found = await Promise.all(
    buckets.map(async (report): Promise<Behind | undefined> => {
      const mark = marks[report.bucket];
      if (!mark || mark.created !== report.created) return undefined;
      // Noted already.
      if (report.loss && report.loss.had >= mark.revision) return undefined;
      const has = await survived(call, nats, mark, report);
      return has < mark.revision ? { bucket: report.bucket, had: mark.revision, has } : undefined;
    }),
  );
  return found.filter(one => one !== undefined);
}

/** Up to which revision a bucket is what it was when it was marked. */
async function survived(
  call: Call,
  nats: Pick<Inspection, 'firstSince'>,
  mark: Mark,
  { bucket, lastRevision, seenAt }: BucketReport,
): Promise<number> {
  if (lastRevision === mark.revision || !mark.seenAt || !seenAt) return lastRevision;
  const first = await nats.firstSince(call, bucket, mark.seenAt).catch(() => undefined);
  return first === undefined ? lastRevision : first - 1;
}

/** What was seen, with what is seen now. A bucket that is gone is forgotten. */
export function marksOf(buckets: readonly BucketReport[]): Marks {
  return Object.fromEntries(
    buckets.map(({ bucket, created, lastRevision: revision, seenAt }) => [
      bucket,
      { created, revision, ...(seenAt && { seenAt }) },
    ]),
  );
}

function fileOf(dataDir: string): string {
  return join(dataDir, 'high-water.json');
}
