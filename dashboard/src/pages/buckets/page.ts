import { IconDatabase } from '@tabler/icons-react';
import { definePage } from '../page-definition.ts';

export default definePage({
  path: 'buckets',
  title: 'Buckets',
  nav: { label: 'Buckets', icon: IconDatabase, order: 10, key: 'b' },
  load: () => import('./buckets-page.tsx'),
});
