const BEGIN = '"subjects":{';
const QUOTE = '"';
const COUNT = /:\d+(,|\})/y;

/** Which subjects of a stream are asked for. */
export interface AskedSubjects {
  subjects_filter: string;
  offset: number;
}

/** A page of them. */
export interface SubjectsPage {
  subjects: string[];
  total: number;
}

/** What an answer says without its subjects, and the subjects. */
export interface SubjectCounts {
  /** The answer's JSON with nothing under `subjects`. */
  rest: string;
  subjects: string[];
}

/**
 * Takes the subjects out of the JSON of STREAM.INFO, where each has the number of its messages: `"a.b":1`. Parsing an
 * object of many names, each used once, takes several times as long. Undefined where they are not as simple as that, or
 * are not there: then parse it.
 */
export function takeSubjects(json: string): SubjectCounts | undefined {
  const begin = json.indexOf(BEGIN) + BEGIN.length;
  if (begin < BEGIN.length) return undefined;
  // Subjects are parts of the text that they were cut from, and keep all of it alive: most of an answer is the stream's configuration.
  const text = Buffer.from(json.slice(begin)).toString();
  const subjects: string[] = [];
  for (let at = 0; ; ) {
    const end = text.indexOf(QUOTE, at + 1);
    if (text[at] !== QUOTE || end < 0) return undefined;
    const subject = text.slice(at + 1, end);
    COUNT.lastIndex = end + 1;
    const found = COUNT.exec(text);
    // A backslash begins an escape, maybe that of the quote.
    if (!found || subject.includes('\\')) return undefined;
    subjects.push(subject);
    at = COUNT.lastIndex;
    if (found[1] === '}') return { rest: json.slice(0, begin) + text.slice(at - 1), subjects };
  }
}
