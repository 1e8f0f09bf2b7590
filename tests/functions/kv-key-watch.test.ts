import { describe } from '@jest/globals';
import { changes } from './kv-key-watch/changes.ts';
import { ends } from './kv-key-watch/ends.ts';
import { following } from './kv-key-watch/following.ts';
import { wanted } from './kv-key-watch/wanted.ts';

describe('kv-key-watch', () => {
  changes();
  wanted();
  following();
  ends();
});
