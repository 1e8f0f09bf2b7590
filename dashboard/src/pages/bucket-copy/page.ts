import { definePage } from '../page-definition.ts';

export default definePage({
  path: 'buckets/:bucket/copy',
  title: ({ bucket = '' }) => `Copy ${bucket}`,
  load: () => import('./copy-page.tsx'),
});
