/** Who waits for a worker. */
export interface Seeker {
  tenant: string;
  namespace: string;
}

/** Who has one. */
export interface Holder extends Seeker {
  /** Since when it is at work with its worker, in ms; Infinity while it has nothing to do. */
  busySince(): number;
}

/** Who is next: of the tenant with the fewest workers, then of the namespace with the fewest, then who came first. */
export function chooseNext<S extends Seeker>(
  waiting: readonly S[],
  holders: readonly Seeker[],
): S | undefined {
  let best: S | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const seeker of waiting) {
    const weight = share(seeker, holders);
    if (weight >= fewest) continue;
    best = seeker;
    fewest = weight;
  }
  return best;
}

/** Who is to give up its worker: as many as wait, of those who have had it since before `since`, the largest share first. */
export function chooseToYield<H extends Holder>(
  waiting: readonly Seeker[],
  holders: readonly H[],
  since: number,
): H[] {
  const seekers = waiting.filter(({ namespace }) => !holders.some(holder => holder.namespace === namespace));
  return holders
    .filter(holder => holder.busySince() < since)
    .sort((a, b) => share(b, holders) - share(a, holders) || a.busySince() - b.busySince())
    .slice(0, seekers.length);
}

function share({ tenant, namespace }: Seeker, holders: readonly Seeker[]): number {
  let weight = 0;
  for (const holder of holders) {
    if (holder.tenant !== tenant) continue;
    weight += holder.namespace === namespace ? 1 + 1 / 1024 : 1;
  }
  return weight;
}
