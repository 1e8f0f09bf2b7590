import { definePage } from '../page-definition.ts';

export default definePage({
  path: 'buckets/:bucket/dead',
  title: ({ bucket = '' }) => `Dead letters of queues in ${bucket}`,
  load: () => import('./dead-view.tsx'),
});
