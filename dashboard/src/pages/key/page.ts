import { definePage } from '../page-definition.ts';

export default definePage({
  path: 'buckets/:bucket/keys/:key',
  title: ({ key = '' }) => key,
  keys: [
    { keys: ['e'], does: 'Edit the value' },
    { keys: ['h'], does: 'Show the history' },
    { keys: ['j'], does: 'Next key' },
    { keys: ['k'], does: 'Previous key' },
    { keys: ['u'], does: 'Back to the keys' },
  ],
  load: () => import('./key-page.tsx'),
  ahead: true,
});
