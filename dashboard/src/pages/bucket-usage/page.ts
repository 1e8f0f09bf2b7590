import { definePage } from '../page-definition.ts';

export default definePage({
  path: 'buckets/:bucket/usage',
  title: ({ bucket = '' }) => `What fills ${bucket}`,
  keys: [{ keys: ['r'], does: 'Count again what fills the bucket' }],
  load: () => import('./usage-page.tsx'),
});
