import type { BucketInfo } from '../../../../contract/types.gen.ts';
import { Notice } from '../../components/notice.tsx';
import { Link } from '../../router/link.tsx';
import { pathTo } from '../../router/location.ts';

/** Why nothing can be written to a bucket, for disabled buttons; undefined where it can. */
export function whyReadOnly(info: BucketInfo | undefined): string | undefined {
  if (!info?.read_only) return undefined;
  return info.mirror
    ? `${info.bucket} is a mirror that renames keys: write to ${info.mirror.name} instead.`
    : `${info.bucket} is sealed: nothing can be written or deleted any more.`;
}

/** Says what a bucket is where writing to it is not what it seems. */
export function BucketNotice({ info }: { info: BucketInfo }) {
  const { mirror, sources } = info;
  const reason = whyReadOnly(info);
  const origins = sources?.map(({ name }) => name).join(', ');
  if (!reason && !mirror && !origins) return null;
  return (
    <Notice color={reason ? 'orange' : 'blue'}>
      {reason ? `Read-only. ${reason} ` : ''}
      {!reason && mirror && 'A mirror: what you write goes to its origin and comes back from there. '}
      {!reason && !mirror && origins && `Gathers what is written to ${origins}. What you write stays here.`}
      {mirror && !mirror.domain && (
        <Link to={pathTo('buckets', mirror.name)} inherit c="inherit" underline="always">
          Open {mirror.name}
        </Link>
      )}
    </Notice>
  );
}
