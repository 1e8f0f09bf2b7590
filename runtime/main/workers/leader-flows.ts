import type { KeptFlows } from '../../flows/flows-options.ts';
import type { LeaderCalls } from './calls.ts';
import type { Channel } from './channel.ts';

/** It may have to start first. */
const START_MS = 60_000;

/** The flows' process, which the leader keeps running. */
export function leaderFlows(leader: Channel<LeaderCalls>, begun: () => boolean): KeptFlows {
  return {
    get begun() {
      return begun();
    },
    up: () => leader.ask('flowsUp', [], START_MS),
    setMode: mode => leader.ask('flowsMode', [mode], START_MS),
    status: () => leader.ask('flowsStatus', []),
    close: async () => undefined,
  };
}
