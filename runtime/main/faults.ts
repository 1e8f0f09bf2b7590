import { PackError } from '../../contract/errors.ts';
import type { HttpConfig } from '../config/config.ts';

/** Says what to do where the system refused the port or the address; anything else stays as it is. */
export function listenFault(error: NodeJS.ErrnoException, { host, port }: HttpConfig): Error {
  const message = listenMessage(error.code, host, port);
  return message ? new PackError('UNAVAILABLE', message, { retryable: false, cause: error }) : error;
}

function listenMessage(code: string | undefined, host: string, port: number): string | undefined {
  const other = 'Choose another with --port or KVFLOW_PORT (0 picks a free one).';
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use by another program, or by another kvflow. ${other}`;
    case 'EACCES':
      return `This user may not listen on port ${port} of ${host}. ${other}`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `"${host}" is no address of this machine. Set KVFLOW_HOST or --host to one, such as 127.0.0.1.`;
    default:
      return undefined;
  }
}

/** NATS turned us away, and will again. */
export function joinRefused(error: unknown): PackError {
  const reason = error instanceof Error ? error.message : String(error);
  const message = `NATS does not let kvflow in: ${reason}. Check the user, password, token or credentials in NATS_URL and the other NATS_ variables.`;
  return new PackError('UNAVAILABLE', message, { retryable: false, cause: error });
}
