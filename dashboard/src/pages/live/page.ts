import { IconActivity } from '@tabler/icons-react';
import { definePage } from '../page-definition.ts';

export default definePage({
  path: 'live',
  title: 'Live',
  nav: { label: 'Live', icon: IconActivity, order: 20, key: 'l' },
  keys: [
    { keys: ['p'], does: 'Pause and go on' },
    { keys: ['c'], does: 'Clear the list' },
    { keys: ['f'], does: 'One row for each key' },
    { keys: ['↑', '↓'], does: 'Move through the changes' },
    { keys: ['Enter'], does: 'Show the whole value' },
  ],
  load: () => import('./live-page.tsx'),
});
