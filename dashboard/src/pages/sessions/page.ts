import { IconUserScan } from '@tabler/icons-react';
import { definePage } from '../page-definition.ts';

export default definePage({
  path: 'sessions',
  title: 'Sessions',
  nav: { label: 'Sessions', icon: IconUserScan, order: 40, key: 's' },
  keys: [
    { keys: ['↑', '↓'], does: 'Move through the sessions' },
    { keys: ['Enter'], does: 'Open the session' },
    { keys: ['r'], does: 'Refresh the sessions' },
  ],
  load: () => import('./sessions-view.tsx'),
});
