import { definePage } from '../page-definition.ts';

export default definePage({
  path: 'buckets/:bucket/past',
  title: ({ bucket = '' }) => `The past of ${bucket}`,
  load: () => import('./past-page.tsx'),
});
