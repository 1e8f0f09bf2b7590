/** A purge that goes through a stream's log, as a write does, and purges nothing: of a subject that no bucket has. */
export function purgeOfNothing(): string {
  return JSON.stringify({ filter: 'kvflow.nothing', seq: 1 });
}
