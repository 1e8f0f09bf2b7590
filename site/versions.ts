/** Which versions of the documentation the site has: the checkout's own at its root, those of tags below their names. */

/** One version. */
export interface Version {
  /** Such as `1.2.3`. */
  text: string;
  /** Below the site's root, with a slash at its end; empty is the newest. */
  path: string;
  /** The tag that its pages are those of; none: the checkout as it is. */
  tag?: string;
}

/**
 * The checkout's version, then those of the tags `v1.2.3`, newest first. Of versions that differ in their last number alone the
 * newest one stands for all; a tag of the checkout's own version is left out, and so are those of anything else.
 */
export function versionsOf(current: string, tags: readonly string[]): Version[] {
  const seen = new Set([minorOf(current)]);
  const older = tags
    .filter(tag => /^v\d+\.\d+\.\d+$/.test(tag))
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .filter(tag => !seen.has(minorOf(tag)) && seen.add(minorOf(tag)));
  return [{ text: current, path: '' }, ...older.map(tag => ({ text: tag.slice(1), path: `${tag}/`, tag }))];
}

function minorOf(version: string): string {
  return version.replace(/^v/, '').split('.').slice(0, 2).join('.');
}
