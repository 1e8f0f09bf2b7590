import { definePage } from '../page-definition.ts';

export default definePage({
  path: 'buckets/:bucket/changes',
  title: ({ bucket = '' }) => `Changes of ${bucket}`,
  load: () => import('./changes-page.tsx'),
});
