import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { PackError } from '../../contract/errors.ts';

/** Encrypts and decrypts secrets; what is sealed under one name opens under no other. */
export interface SecretBox {
  seal(name: string, value: string): string;
  /** Throws UNSUPPORTED where it was sealed with another key, or is damaged. */
  open(name: string, sealed: string): string;
}

/** A sealed secret as it is stored: everything in base64. */
interface Sealed {
  /** Version of the format. */
  v: 1;
  iv: string;
  tag: string;
  data: string;
}

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;

/** Of a key of 32 bytes in hexadecimal: AES-256-GCM, with a fresh nonce for each secret and its name authenticated. */
export function createSecretBox(hexKey: string): SecretBox {
  const key = Buffer.from(hexKey, 'hex');
  return {
    seal(name, value) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, iv).setAAD(Buffer.from(name));
      const data = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
      const [ivText, tag, text] = [iv, cipher.getAuthTag(), data].map(part => part.toString('base64'));
      return JSON.stringify({ v: 1, iv: ivText, tag, data: text });
    },
    open(name, sealed) {
      try {
        const { v, iv, tag, data } = JSON.parse(sealed) as Sealed;
        if (v !== 1) throw new Error(`format ${v}`);
        const decipher = createDecipheriv(ALGORITHM, key, Buffer.from(iv, 'base64'))
          .setAAD(Buffer.from(name))
          .setAuthTag(Buffer.from(tag, 'base64'));
        return Buffer.concat([decipher.update(Buffer.from(data, 'base64')), decipher.final()]).toString(
          'utf8',
        );
      } catch (cause) {
        throw new PackError(
          'UNSUPPORTED',
          `The secret ${name.split('.').at(-1)} cannot be decrypted with TRANSFORM_SECRETS_KEY; put it again.`,
          { cause },
        );
      }
    },
  };
}
