import { invalidField, PackError } from '../../../../contract/errors.ts';
import type { Origin } from '../../../../contract/types.gen.ts';
import type { Call } from '../../../core/call.ts';
import { isPlainStream } from '../../../core/origin-names.ts';
import type { BucketOptions } from '../../../core/ports/buckets.ts';
import type { JsApi } from '../../js-api.ts';
import { originBucket, subjectPrefix } from './origins.ts';

/** Whose leader is away is not waited for. */
const LOOK_MS = 1_000;

/**
 * Throws INVALID_INPUT where a mirror or a source names a plain stream and not how its subjects become keys: it would be taken for a
 * bucket that is not there yet, and nothing would ever be copied.
 */
export async function refuseNamedStreams(
  call: Call,
  api: JsApi,
  { bucket, mirror, sources }: Pick<BucketOptions, 'mirror'> & { sources?: Origin[] | null; bucket: string },
): Promise<void> {
  const origins: [pointer: string, origin: Origin][] = (sources ?? []).map((origin, index) => [
    `/sources/${index}`,
    origin,
  ]);
  if (mirror) origins.push(['/mirror', mirror]);
  await Promise.all(
    origins.map(async ([pointer, origin]) => {
      const { name, domain } = origin;
      if (domain || name.startsWith('KV_') || isPlainStream(origin)) return;
      if (await found(call, api, `KV_${originBucket(name)}`)) return;
      if (!(await found(call, api, name))) return;
      const transform = JSON.stringify([{ src: 'orders.>', dest: `${subjectPrefix(bucket)}>` }]);
      throw invalidField(
        `${pointer}/name`,
        `names no bucket, but there is a stream "${name}"; say which keys its subjects become, as in "subject_transforms": ${transform}`,
      );
    }),
  );
}

/** Where nobody says, there is none. */
async function found(call: Call, api: JsApi, stream: string): Promise<boolean> {
  const soon = { deadline: Math.min(call.deadline, Date.now() + LOOK_MS) };
  try {
    await api.streamInfo(soon, stream);
    return true;
  } catch (error) {
    if (error instanceof PackError) return false;
    throw error;
  }
}
