import { readSessionKey } from '../../../../contract/session-key.ts';
import { definePage } from '../page-definition.ts';

export default definePage({
  path: 'sessions/buckets/:bucket/:key',
  title: ({ key = '' }) => readSessionKey(key).key,
  keys: [{ keys: ['u'], does: 'Back to the sessions' }],
  load: () => import('./session-view.tsx'),
});
