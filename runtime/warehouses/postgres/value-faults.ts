/**
 * What is wrong with a value, by SQLSTATE of class 22. The server's own text quotes the value, in whatever language it
 * speaks; values of events are in no message and no log.
 */
const FAULTS: Record<string, string> = {
  '22001': 'a text is longer than its column allows',
  '22003': 'a number is out of the range of its column',
  '22004': 'a value must not be NULL',
  '22007': 'a value is no date or time as its column takes it',
  '22008': 'a date or time is out of range',
  '22021': 'a text holds bytes that the encoding of the database lacks',
  '22026': 'a bit string is not as long as its column',
  '22032': 'a value is no JSON',
  '22P02': "a value is none of its column's type",
  '22P05': 'a text holds a character that the encoding of the database lacks',
};

/** What to tell of an error of class 22; undefined where it is of another. */
export function valueFault(sqlState: string): string | undefined {
  if (!sqlState.startsWith('22')) return undefined;
  return FAULTS[sqlState] ?? 'a value does not fit its column';
}
