import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** PEM files by what they are, removed by `await using`. */
export interface Certificates extends AsyncDisposable {
  /** Of the authority that signed the others. */
  ca: string;
  /** Of an authority that signed nothing. */
  otherCa: string;
  /** Of a server that is called localhost, and has no address. */
  server: Pair;
  /** Of a client. */
  client: Pair;
}

/** A certificate and its key. */
export interface Pair {
  cert: string;
  key: string;
}

const run = promisify(execFile);

/** Makes certificates that are valid for a day. Everybody may read them, so that a server of another user can. */
export async function makeCertificates(): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'kvflow-certificates-'));
  await chmod(folder, 0o755);
  const at = (name: string) => join(folder, name);
  const make = async (name: string, more: string[]): Promise<Pair> => {
    const pair = { cert: at(`${name}.pem`), key: at(`${name}.key`) };
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
    const files = ['-subj', `/CN=${name}`, '-out', pair.cert, '-keyout', pair.key];
    await run('openssl', ['req', '-x509', ...kind, ...files, ...more]);
    await chmod(pair.key, 0o644);
    return pair;
  };
  const authority = ['-addext', 'basicConstraints=critical,CA:TRUE'];
  const [{ cert: ca, key }, other] = [await make('ca', authority), await make('other', authority)];
  const signed = ['-CA', ca, '-CAkey', key, '-addext', 'basicConstraints=CA:FALSE'];
  return {
    ca,
    otherCa: other.cert,
    server: await make('server', [...signed, '-addext', 'subjectAltName=DNS:localhost']),
    client: await make('client', signed),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
