/** Whether the package is there, without loading it. */
export function isPgliteInstalled(): boolean {
  try {
    import.meta.resolve('@electric-sql/pglite');
    return true;
  } catch {
    return false;
  }
}
