import { IconFingerprint } from '@tabler/icons-react';
import { definePage } from '../page-definition.ts';

export default definePage({
  path: 'recognition',
  title: 'Recognition',
  nav: { label: 'Recognition', icon: IconFingerprint, order: 50, key: 'r' },
  keys: [
    { keys: ['/'], does: 'Look a visitor up by the anonymous id' },
    { keys: ['r'], does: 'Refresh what is listed' },
    { keys: ['↑', '↓'], does: 'Move through the list' },
  ],
  load: () => import('./recognition-view.tsx'),
});
