import { definePage } from '../page-definition.ts';

export default definePage({
  path: 'sessions/scripts/:script',
  title: ({ script = '' }) => script,
  keys: [
    { keys: ['u'], does: 'Back to the scripts' },
    { keys: ['Ctrl', 'Enter'], does: 'Test the script, in its editor' },
    { keys: ['Ctrl', 'S'], does: 'Store it, in its editor' },
    { keys: ['Ctrl', 'Space'], does: 'Complete a name, in its editor' },
    { keys: ['F8'], does: 'Go to the next fault, in its editor' },
  ],
  load: () => import('./script-view.tsx'),
});
