import type { Origin } from '../../contract/types.gen.ts';

const KV = '$KV.';

/**
 * Whether a mirror or a source names a plain stream and not a bucket: its transforms lead from subjects of the stream's own to keys of a
 * bucket, both written whole, as Go clients do. All else is a bucket, whose subjects begin with `$KV.`.
 */
export function isPlainStream({ name, subject_transforms = [] }: Origin): boolean {
  if (name.startsWith('KV_') || subject_transforms.length === 0) return false;
  return subject_transforms.every(({ src, dest }) => !src.startsWith(KV) && dest.startsWith(KV));
}
