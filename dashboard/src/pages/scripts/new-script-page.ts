import { definePage } from '../page-definition.ts';

export default definePage({
  path: 'sessions/new-script',
  title: 'New script',
  keys: [
    { keys: ['u'], does: 'Back to the scripts' },
    { keys: ['Ctrl', 'Enter'], does: 'Test the script, in its editor' },
    { keys: ['Ctrl', 'S'], does: 'Store it, in its editor' },
  ],
  load: () => import('./new-script-view.tsx'),
});
