import { definePage } from '../page-definition.ts';

export default definePage({
  path: 'sessions/scripts',
  title: 'Stored scripts',
  load: () => import('./scripts-view.tsx'),
});
