import { invalidField } from '../../../contract/errors.ts';
import { stringifyExact } from '../../../contract/exact-json.ts';
import { lineAt } from '../../core/json-lines.ts';
import type { RunRequest } from '../types.ts';
import { isJsonObject } from './is-json-object.ts';

/** The JSON of a call's events. Throws INVALID_INPUT of one that has none. */
export function textsOf({ lines, events = [] }: RunRequest): string[] {
  return lines ? lines.starts.map((_, index) => lineAt(lines, index)) : events.map(toJson);
}

/** All events as one, an array. Throws where one of them is no JSON: it would make the others unreadable. */
export function asBatch(texts: string[]): string[] {
  for (const [index, text] of texts.entries()) {
    if (!isJsonObject(text))
      throw invalidField(`/ndjson/${index}`, `event ${index} is no JSON object; send one on each line`);
  }
  return texts.length === 0 ? [] : [`[${texts.join(',')}]`];
}

function toJson(event: unknown, index: number): string {
  try {
    const json: string | undefined = stringifyExact(event);
    if (json !== undefined) return json;
  } catch {
    // Told below, with the place.
  }
  throw invalidField(`/events/${index}`, `transform: event ${index} is not JSON; send an object.`);
}
