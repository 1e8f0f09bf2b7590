import { IconListDetails } from '@tabler/icons-react';
import { definePage } from '../page-definition.ts';

export default definePage({
  path: 'admin-log',
  title: 'Admin log',
  nav: { label: 'Admin log', icon: IconListDetails, order: 65, key: 'a' },
  load: () => import('./admin-log-page.tsx'),
});
