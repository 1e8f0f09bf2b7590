import { pathTo } from '../router/location.ts';
import { type BucketView, BucketViews } from './bucket-views.tsx';
import { PageHeader, type PageHeaderProps } from './page-header.tsx';

/** What {@link BucketHeader} is given, beside what a page's head takes. */
export interface BucketHeaderProps extends Omit<PageHeaderProps, 'title' | 'crumbs'> {
  bucket: string;
  /** Which of its pages this is. */
  open: BucketView;
}

/** The head of a page about one bucket, with its other pages. */
export function BucketHeader({ bucket, open, ...props }: BucketHeaderProps) {
  return (
    <>
      <PageHeader {...props} title={bucket} crumbs={[{ label: 'Buckets', to: pathTo('buckets') }]} />
      <BucketViews bucket={bucket} open={open} />
    </>
  );
}
