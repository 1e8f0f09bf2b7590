const failed = new WeakSet<object>();

/** From now on it is known of errors that they are of a file of the dashboard that could not be loaded. */
export function noteFailedLoads(): void {
  addEventListener('vite:preloadError', ({ payload }) => void failed.add(payload));
}

/** Whether an error says that a file of the dashboard could not be loaded. Thrown by what renders, the page waits for it or is loaded anew. */
export function isNotLoaded(error: unknown): boolean {
  return typeof error === 'object' && error !== null && failed.has(error);
}
