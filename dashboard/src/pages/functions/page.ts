import { IconFunction } from '@tabler/icons-react';
import { definePage } from '../page-definition.ts';

export default definePage({
  path: 'functions',
  title: 'Functions',
  nav: { label: 'Functions', icon: IconFunction, order: 30, key: 'f' },
  load: () => import('./functions-page.tsx'),
});
