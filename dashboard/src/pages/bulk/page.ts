import { IconArrowsExchange } from '@tabler/icons-react';
import { definePage } from '../page-definition.ts';

export default definePage({
  path: 'import-export',
  title: 'Import & export',
  nav: { label: 'Import & export', icon: IconArrowsExchange, order: 60, key: 'i' },
  load: () => import('./bulk-page.tsx'),
});
