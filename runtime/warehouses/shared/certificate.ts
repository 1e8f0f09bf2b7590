const CODES =
  /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)|EPROTO$)/;

/** Whether Node's code says that two ends could not agree on an encrypted connection. */
export function isCertificateCode(code: string | undefined): boolean {
  return CODES.test(code ?? '');
}
