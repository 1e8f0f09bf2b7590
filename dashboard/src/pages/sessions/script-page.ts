import { definePage } from '../page-definition.ts';

export default definePage({
  path: 'sessions/scripts/:script',
  title: ({ script = '' }) => script,
  keys: [{ keys: ['u'], does: 'Back to the scripts' }],
  load: () => import('./script-view.tsx'),
});
