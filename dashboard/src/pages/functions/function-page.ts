import { definePage } from '../page-definition.ts';

export default definePage({
  path: 'functions/:name',
  title: ({ name = '' }) => name,
  keys: [{ keys: ['Ctrl', 'Enter'], does: 'Call the function' }],
  load: () => import('./function-view.tsx'),
});
