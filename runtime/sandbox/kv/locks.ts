/** Who may hold keys: one run of one event. */
export interface KeyHolder {
  /** Order of submission over all calls: the smaller one goes first. */
  seq: number;
  /** Starts the run over, without its keys: an earlier event needs one of them. */
  restart(): void;
  /** Keys it holds or waits for, some of them more than once; kept by the locks. */
  keys: string[];
  /** Whether its event was answered: it is released by then. */
  answered(): boolean;
  /** Set once it is released: from then on it gets no key any more, so that none is left with a run that is over. */
  over: boolean;
}

/** Keys in use by the events of this process, so that they take turns instead of colliding. */
export interface KeyLocks {
  /**
   * Waits until `key` is free for the holder. False when the holder is over, or was restarted meanwhile.
   * An earlier event takes the key from a later one, a later one waits: nobody ever waits in a circle.
   */
  acquire(holder: KeyHolder, key: string): Promise<boolean> | boolean;
  /** Frees all keys of the holder and forgets what it waits for; the holder is over. */
  release(holder: KeyHolder): void;
  /**
   * The watchdog: releases holders whose events were answered and that hold keys all the same, and says how many. There are none
   * but by a fault of ours; without it such a key would stay locked until its last user is gone.
   */
  freeLeft(): number;
}

interface Wait {
  holder: KeyHolder;
  go: (granted: boolean) => void;
}

interface Slot {
  holder: KeyHolder;
  /** Made when somebody waits: there is a slot for every event. */
  waiting: Wait[] | undefined;
}

const NOBODY: KeyHolder = {
  seq: 0,
  restart: () => {},
  keys: [],
  answered: () => false,
  over: true,
};

/** One table per store and namespace. Correctness across processes is the store's revisions, not these locks. */
export function createKeyLocks(): KeyLocks {
  const slots = new Map<string, Slot>();

  const passOn = (key: string, slot: Slot): void => {
    const next = slot.waiting?.shift();
    // The map's old tables are found late by the garbage collector: a free slot holds on to nobody.
    slot.holder = next?.holder ?? NOBODY;
    if (!next) return void slots.delete(key);
    next.go(true);
  };
  const enqueue = (slot: Slot, holder: KeyHolder): Promise<boolean> =>
    new Promise(go => {
      slot.waiting ??= [];
      const at = slot.waiting.findIndex(other => other.holder.seq > holder.seq);
      slot.waiting.splice(at < 0 ? slot.waiting.length : at, 0, { holder, go });
    });

  const release = (holder: KeyHolder): void => {
    const { keys } = holder;
    holder.over = true;
    holder.keys = [];
    for (const key of keys) {
      const slot = slots.get(key);
      if (!slot) continue;
      if (slot.waiting) {
        for (const wait of slot.waiting.filter(other => other.holder === holder)) wait.go(false);
        slot.waiting = slot.waiting.filter(other => other.holder !== holder);
      }
      if (slot.holder === holder) passOn(key, slot);
    }
  };

  return {
    acquire(holder, key) {
      if (holder.over) return false;
      const slot = slots.get(key);
      if (slot?.holder === holder) return true;
      holder.keys.push(key);
      if (!slot) {
        slots.set(key, { holder, waiting: undefined });
        return true;
      }
      const turn = enqueue(slot, holder);
      if (slot.holder.seq > holder.seq) slot.holder.restart();
      return turn;
    },
    release,
    freeLeft() {
      const left = new Set(
        [...slots.values()].map(({ holder }) => holder).filter(holder => holder.answered()),
      );
      for (const holder of left) release(holder);
      return left.size;
    },
  };
}
