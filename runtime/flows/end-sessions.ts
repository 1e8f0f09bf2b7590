import { createRequire } from 'node:module';

/** Node-RED's own store of sessions, as far as it is used here. */
interface Tokens {
  init(settings: object, storage: { getSessions(): Promise<object>; saveSessions(): Promise<void> }): void;
  get(token: string): Promise<unknown>;
}

/**
 * Node-RED leaves a timer for the end of each session when it stops, a week away: the process would not end before.
 * With no sessions left it clears the timer. That is not part of its public API, so another version may not have it.
 */
export async function endSessions(): Promise<void> {
  try {
    const ofNodeRed = createRequire(createRequire(import.meta.url).resolve('node-red'));
    const tokens: Tokens = ofNodeRed('@node-red/editor-api/lib/auth/tokens');
    tokens.init({}, { getSessions: async () => ({}), saveSessions: async () => undefined });
    await tokens.get('');
  } catch {
    // A second signal still ends the process.
  }
}
