import { visibleText } from '../lib/visible-text.ts';
import { follow } from '../router/link.tsx';
import { pathTo } from '../router/location.ts';
import classes from './bucket-views.module.css';

const VIEWS = [
  { id: 'keys', label: 'Keys', parts: [] },
  { id: 'usage', label: 'What fills it', parts: ['usage'] },
  { id: 'past', label: 'Time travel', parts: ['past'] },
  { id: 'changes', label: 'Change log', parts: ['changes'] },
  { id: 'dead', label: 'Dead letters', parts: ['dead'] },
  { id: 'copy', label: 'Copy', parts: ['copy'] },
] as const;

/** One of a bucket's pages. */
export type BucketView = (typeof VIEWS)[number]['id'];

/** The views of one bucket, each a page at an address of its own. */
export function BucketViews({ bucket, open }: { bucket: string; open: BucketView }) {
  return (
    <nav aria-label={`Views of ${visibleText(bucket)}`} className={classes.views}>
      {VIEWS.map(({ id, label, parts }) => (
        <a
          key={id}
          href={pathTo('buckets', bucket, ...parts)}
          onClick={follow}
          className={classes.view}
          aria-current={id === open ? 'page' : undefined}
        >
          {label}
        </a>
      ))}
    </nav>
  );
}
