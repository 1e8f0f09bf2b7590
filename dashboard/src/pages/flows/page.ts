import { IconSitemap } from '@tabler/icons-react';
import { definePage } from '../page-definition.ts';

export default definePage({
  path: 'flows',
  title: 'Flows',
  nav: { label: 'Flows', icon: IconSitemap, order: 70, key: 'w' },
  load: () => import('./flows-page.tsx'),
});
