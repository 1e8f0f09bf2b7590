import { definePage } from '../page-definition.ts';

export default definePage({
  path: 'buckets/:bucket',
  title: ({ bucket = '' }) => bucket,
  keys: [
    { keys: ['↑', '↓'], does: 'Move through the keys' },
    { keys: ['Enter'], does: 'Open the key' },
    { keys: ['Space'], does: 'Select the key' },
    { keys: ['n'], does: 'New key' },
    { keys: ['r'], does: 'Refresh the keys' },
    { keys: ['t'], does: 'Change between list and tree' },
    { keys: ['b'], does: 'Show a key beside the list, or the list alone' },
    { keys: ['d'], does: 'Show deleted keys, or those that are there' },
  ],
  load: () => import('./keys-page.tsx'),
  ahead: true,
});
