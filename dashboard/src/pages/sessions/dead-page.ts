import { definePage } from '../page-definition.ts';

export default definePage({
  path: 'sessions/dead',
  title: 'Dead letters of scripts',
  load: () => import('./dead-view.tsx'),
});
