/** A tile of a treemap; all lengths are percent of the whole. */
export interface Tile {
  left: number;
  top: number;
  width: number;
  height: number;
}

/**
 * Tiles whose areas are as the weights, which come largest first: what is left is halved by weight again and again, across
 * its longer side. `ratio` is how much wider than high the whole is.
 */
export function layTiles(weights: readonly number[], ratio = 1): Tile[] {
  const tiles: Tile[] = [];
  place(0, weights.length, { left: 0, top: 0, width: 100, height: 100 });
  return tiles;

  function place(from: number, to: number, room: Tile): void {
    if (to - from < 1) return;
    if (to - from === 1) {
      tiles[from] = room;
      return;
    }
    const total = sum(from, to);
    let middle = from + 1;
    while (middle < to - 1 && sum(from, middle) < total / 2) middle += 1;
    const share = total === 0 ? (middle - from) / (to - from) : sum(from, middle) / total;
    const [first, second] = split(room, share, room.width * ratio >= room.height);
    place(from, middle, first);
    place(middle, to, second);
  }

  function sum(from: number, to: number): number {
    return weights.slice(from, to).reduce((all, weight) => all + weight, 0);
  }
}

function split(room: Tile, share: number, across: boolean): [Tile, Tile] {
  const { left, top, width, height } = room;
  if (across) {
    return [
      { ...room, width: width * share },
      { ...room, left: left + width * share, width: width * (1 - share) },
    ];
  }
  return [
    { ...room, height: height * share },
    { ...room, top: top + height * share, height: height * (1 - share) },
  ];
}
