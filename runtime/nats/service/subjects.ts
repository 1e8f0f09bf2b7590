/** Name of the micro-service, as `nats micro list` shows it. */
export const SERVICE = 'kvflow';

/** Every process is in this queue group: each request goes to one of them. */
export const QUEUE = 'kvflow';

/** Request header: milliseconds the caller waits; more than the function allows counts as what it allows. */
export const TIMEOUT_HEADER = 'x-timeout-ms';

/** Answer header of a failed call: its code and message. Set by the client library's convention for services. */
export const ERROR_HEADER = 'Nats-Service-Error';

/** Answer header of a failed call: the envelope's `status_code`. */
export const ERROR_CODE_HEADER = 'Nats-Service-Error-Code';

/** Where functions listen for callers with an API key's rights: `kvflow.fn.<key name>.<function>`. */
export const KEYED_SUBJECTS = 'kvflow.fn.*.>';

/** Key name and function of such a subject. Key names may have dots, function names have none. */
export function readKeyedSubject(subject: string): { key: string; name: string } {
  const tokens = subject.split('.').slice(2);
  return { key: tokens.slice(0, -1).join('.'), name: tokens.at(-1) ?? '' };
}

/** Where a function listens. */
export function functionSubject(name: string): string {
  return `kvflow.fn.${name}`;
}
