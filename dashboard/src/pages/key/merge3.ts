import { diff } from '@codemirror/merge';

/** Two changes of one text as one text. */
export interface Merged {
  text: string;
  /** Places where both changed the same lines differently; they are marked in the text. */
  conflicts: number;
}

/** A marked place is everything between lines that begin with these. */
export const MARKS = { mine: '<<<<<<< yours', middle: '=======', theirs: '>>>>>>> theirs' } as const;

/** How many marked places are still in a text. */
export function conflictsIn(text: string): number {
  return text.split('\n').filter(line => line === MARKS.mine).length;
}

interface Change {
  from: number;
  to: number;
  lines: readonly string[];
}

/** What two have made of the same text, line by line, as version control does it. */
export function merge3(base: string, theirs: string, mine: string): Merged {
  const lines = base.split('\n');
  const codes = createLineCodes();
  const byThem = changes(codes, lines, theirs.split('\n'));
  const byMe = changes(codes, lines, mine.split('\n'));
  const merged: string[] = [];
  let conflicts = 0;
  let at = 0;
  while (byThem.length > 0 || byMe.length > 0) {
    const region = takeRegion(byThem, byMe);
    merged.push(...lines.slice(at, region.from));
    const left = apply(lines, region, region.mine);
    const right = apply(lines, region, region.theirs);
    if (region.theirs.length === 0) merged.push(...left);
    else if (region.mine.length === 0 || left.join('\n') === right.join('\n')) merged.push(...right);
    else {
      conflicts += 1;
      merged.push(MARKS.mine, ...left, MARKS.middle, ...right, MARKS.theirs);
    }
    at = region.to;
  }
  merged.push(...lines.slice(at));
  return { text: merged.join('\n'), conflicts };
}

interface Region {
  from: number;
  to: number;
  theirs: Change[];
  mine: Change[];
}

/** The next changes that touch each other, taken out of both lists. */
function takeRegion(byThem: Change[], byMe: Change[]): Region {
  const from = Math.min(
    byThem[0]?.from ?? Number.POSITIVE_INFINITY,
    byMe[0]?.from ?? Number.POSITIVE_INFINITY,
  );
  const region: Region = { from, to: from, theirs: [], mine: [] };
  for (let grown = true; grown; ) {
    grown = false;
    for (const [list, taken] of [
      [byThem, region.theirs],
      [byMe, region.mine],
    ] as const) {
      const next = list[0];
      if (!next || next.from > region.to) continue;
      list.shift();
      taken.push(next);
      region.to = Math.max(region.to, next.to);
      grown = true;
    }
  }
  return region;
}

function apply(lines: readonly string[], { from, to }: Region, made: readonly Change[]): string[] {
  const result: string[] = [];
  let at = from;
  for (const change of made) {
    result.push(...lines.slice(at, change.from), ...change.lines);
    at = change.to;
  }
  return [...result, ...lines.slice(at, to)];
}

/** Each different line as a character of its own, so that texts of characters stand for lists of lines. */
function createLineCodes(): (lines: readonly string[]) => string | undefined {
  const codes = new Map<string, number>();
  return lines => {
    let text = '';
    for (const line of lines) {
      const known = codes.get(line);
      const code = known ?? 0x100 + codes.size;
      // Surrogates are no characters of their own; so many different lines are not compared one by one.
      if (code >= 0xd800) return undefined;
      if (known === undefined) codes.set(line, code);
      text += String.fromCharCode(code);
    }
    return text;
  };
}

function changes(
  codes: (lines: readonly string[]) => string | undefined,
  before: readonly string[],
  after: readonly string[],
): Change[] {
  const [a, b] = [codes(before), codes(after)];
  if (a === undefined || b === undefined) return [{ from: 0, to: before.length, lines: after }];
  return diff(a, b, { scanLimit: 2_000 }).map(({ fromA, toA, fromB, toB }) => ({
    from: fromA,
    to: toA,
    lines: after.slice(fromB, toB),
  }));
}
