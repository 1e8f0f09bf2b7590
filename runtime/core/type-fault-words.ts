import { typeWords } from '../../contract/fault-words.ts';

const NUMBER = /^-?\d{1,20}(\.\d{1,20})?$/;

/** Of a value of none of the types. Templates write numbers as text: who fills one in sees no difference. */
export function typeFaultWords(types: readonly string[], value: unknown): string {
  const words = typeWords(types);
  const isNumber = types.some(type => type === 'integer' || type === 'number');
  if (!isNumber || typeof value !== 'string' || !NUMBER.test(value)) return words;
  return `${words}, not the text "${value}": write it without quotes, also where a template fills it in`;
}
