import { homedir } from 'node:os';

/** The user's home. Undefined where there is none: no list of users names the user, as in a container, and `HOME` is not set. */
export function homeFolder(): string | undefined {
  try {
    return homedir() || undefined;
  } catch {
    return undefined;
  }
}
