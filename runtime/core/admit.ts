import type { FieldError } from '../../contract/errors.ts';
import { PackError } from '../../contract/errors.ts';
import type { Principal } from './principal.ts';
import { authorizeFunction, EVERYTHING } from './principal.ts';
import type { RegisteredFunction } from './registry.ts';
import { authorizeNames } from './rights.ts';
import { MAX_COUNTED } from './validate.ts';

/**
 * Everything that is checked before a function runs or a stream is opened: the one place where it is. Throws FORBIDDEN or
 * INVALID_INPUT.
 */
export function admit(fn: RegisteredFunction, input: unknown, principal: Principal): void {
  authorizeFunction(principal, { name: fn.spec.name, readOnly: fn.spec.annotations.readOnly });
  const faults = fn.validateInput(input);
  if (faults.length > 0) throw invalidInput(fn.spec.name, faults);
  // The ports refuse what this would; here it is refused before anything is done.
  if (principal === EVERYTHING) return;
  authorizeNames(principal, fn.names(input));
}

/** The rights alone, for what is refused before its body is read. Throws FORBIDDEN. */
export function authorizeCall(fn: RegisteredFunction, input: unknown, principal: Principal): void {
  authorizeFunction(principal, { name: fn.spec.name, readOnly: fn.spec.annotations.readOnly });
  if (principal !== EVERYTHING) authorizeNames(principal, fn.names(input));
}

/**
 * For what goes on: answers who calls now; throws UNAUTHENTICATED or FORBIDDEN where that one would not be let in as it was at
 * the beginning.
 */
export function readmitting(
  letIn: (who: Principal) => void,
  principal: Principal,
  renew: (() => Principal) | undefined,
): () => Principal {
  let admitted = principal;
  return () => {
    const now = renew?.() ?? admitted;
    if (now !== admitted) letIn(now);
    admitted = now;
    return now;
  };
}

/** Few bytes can have a fault each: the first are named. */
const MAX_FAULTS = 1_000;
const MAX_TOLD = 100;

function invalidInput(name: string, faults: FieldError[]): PackError {
  const told = faults.slice(0, MAX_TOLD).map(fault => `${fault.pointer || '(input)'} ${fault.message}`);
  const atLeast = faults.length < MAX_COUNTED ? '' : 'at least ';
  const more = faults.length > MAX_TOLD ? `; and ${atLeast}${faults.length - MAX_TOLD} more` : '';
  const errors = faults.slice(0, MAX_FAULTS);
  return new PackError('INVALID_INPUT', `${name}: ${told.join('; ')}${more}`, { errors });
}
