import { PackError } from '../../contract/errors.ts';

/**
 * Checks that exactly one of several properties is given. Throws INVALID_INPUT, which points to each of them.
 * @param given the properties by name, those left out undefined.
 * @param meaning what each is for, for the message.
 */
export function oneOf<Name extends string>(
  about: string,
  given: Readonly<Record<Name, unknown>>,
  meaning: Readonly<Record<Name, string>>,
): void {
  const names = Object.keys(meaning) as Name[];
  if (names.filter(name => given[name] !== undefined).length === 1) return;
  const choices = names.map(name => `${name}, ${meaning[name]}`).join(', or ');
  const message = `give ${choices}; exactly one of them`;
  throw new PackError('INVALID_INPUT', `${about}: ${message}`, {
    errors: names.map(name => ({ pointer: `/${name}`, message })),
  });
}
