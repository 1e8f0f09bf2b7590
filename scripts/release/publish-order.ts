/** Tarballs in the order in which they are published: nats-server's first, so that nobody gets a kvflow without its own; kvflow before what stands beside it. */
export function publishOrder(files: readonly string[]): string[] {
  const tarballs = files.filter(file => file.endsWith('.tgz'));
  return tarballs.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

const FIRST = [/^kvflow-nats-server-/, /^kvflow-\d/];

function rank(file: string): number {
  const at = FIRST.findIndex(pattern => pattern.test(file));
  return at < 0 ? FIRST.length : at;
}
