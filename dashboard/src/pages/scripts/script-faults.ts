import { toApiError } from '../../api/api-error.ts';
import { type PlacedFault, placeIn } from '../../components/script-editor/faults.ts';
import type { Tested } from './use-tester.ts';

/** Where in the script events failed, each place once. */
export function faultsOf(tested: Tested | undefined): PlacedFault[] {
  const found = new Map<string, PlacedFault>();
  for (const { error } of tested?.results ?? []) {
    const place = placeIn(error?.stack);
    if (!error || !place) continue;
    const message = error.message.replace(/ \(\d+:\d+\)$/, '');
    const name = JSON.stringify([place, message]);
    if (!found.has(name)) found.set(name, { ...place, message });
  }
  return [...found.values()];
}

/** Where a script that was refused is wrong, as transform-script-put tells it. */
export function refusedAt(error: unknown): PlacedFault[] {
  if (error === undefined) return [];
  const { line, column, message } = toApiError(error).details;
  return typeof line === 'number' && typeof column === 'number'
    ? [{ line, column, message: String(message) }]
    : [];
}
