import { invalidField } from '../../contract/errors.ts';

/** Throws INVALID_INPUT for the first parameter of a query that no address knows; `known` names those there are, or `none`. */
export function refuseUnknown(query: Record<string, unknown>, known: string): void {
  const [name] = Object.keys(query);
  if (name !== undefined) throw invalidField(`/${name}`, `is not a known parameter; known are: ${known}`);
}

/** A number of a query; what is none stays text, which the schema then refuses by its name. */
export function wholeNumber(text: string): unknown {
  return /^\d{1,16}$/.test(text) ? Number(text) : text;
}
