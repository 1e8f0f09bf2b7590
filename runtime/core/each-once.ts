import type { FieldError } from '../../contract/errors.ts';

/** Faults without those that were told before. */
export function eachOnce(faults: readonly FieldError[]): FieldError[] {
  const seen = new Set<string>();
  return faults.filter(fault => {
    const id = `${fault.pointer}\n${fault.message}`;
    return !seen.has(id) && seen.add(id);
  });
}
