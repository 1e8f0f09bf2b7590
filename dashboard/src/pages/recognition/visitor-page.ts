import { definePage } from '../page-definition.ts';

export default definePage({
  path: 'recognition/visitors/:visitor',
  title: ({ visitor = '' }) => `Visitor ${visitor}`,
  keys: [
    { keys: ['/'], does: 'Look another visitor up' },
    { keys: ['u'], does: 'Back to recognition' },
  ],
  load: () => import('./visitor-view.tsx'),
});
