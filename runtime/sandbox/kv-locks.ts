/** Who may hold keys: one run of one event. */
export interface KeyHolder {
  /** Order of submission over all calls: the smaller one goes first. */
  seq: number;
  /** Set while it writes: it waits for nobody any more and cannot be pushed aside. */
  committing: boolean;
  /** Starts the run over, without its keys: an earlier event needs one of them. */
  restart(): void;
}

/** Keys in use by the events of this process, so that they take turns instead of colliding. */
export interface KeyLocks {
  /**
   * Waits until `key` is free for the holder. False when the holder was restarted meanwhile.
   * An earlier event takes the key from a later one, a later one waits: nobody ever waits in a circle.
   */
  acquire(holder: KeyHolder, key: string): Promise<boolean> | true;
  /** Frees all keys of the holder and forgets what it waits for. */
  release(holder: KeyHolder): void;
  /** What is known of a key right after its last write here, so that the next in turn need not ask the store. */
  remember(key: string, value: Remembered): void;
  recall(key: string): Remembered | undefined;
}

/** The last value written through this process. */
export interface Remembered {
  json: string | undefined;
  revision: number;
  /**
   * The call that wrote it. Only its own events go on from there without asking the store: a process that always
   * knows the last value first would let no other process write.
   */
  owner: object;
  /** Not to be used after this time, in ms. */
  until: number;
}

interface Slot {
  holder: KeyHolder;
  waiting: { holder: KeyHolder; go: (granted: boolean) => void }[];
  last: Remembered | undefined;
}

/** One table per store and namespace. Correctness across processes is the store's revisions, not these locks. */
export function createKeyLocks(): KeyLocks {
  const slots = new Map<string, Slot>();
  const held = new Map<KeyHolder, Set<string>>();

  const grant = (holder: KeyHolder, key: string): void => {
    const keys = held.get(holder) ?? new Set();
    keys.add(key);
    held.set(holder, keys);
  };
  const passOn = (key: string, slot: Slot): void => {
    const next = slot.waiting.shift();
    if (!next) return void slots.delete(key);
    slot.holder = next.holder;
    grant(next.holder, key);
    next.go(true);
  };
  const enqueue = (slot: Slot, holder: KeyHolder): Promise<boolean> =>
    new Promise(go => {
      const at = slot.waiting.findIndex(other => other.holder.seq > holder.seq);
      slot.waiting.splice(at < 0 ? slot.waiting.length : at, 0, { holder, go });
    });

  return {
    acquire(holder, key) {
      const slot = slots.get(key);
      if (slot?.holder === holder) return true;
      grant(holder, key);
      if (!slot) {
        slots.set(key, { holder, waiting: [], last: undefined });
        return true;
      }
      const turn = enqueue(slot, holder);
      if (slot.holder.seq > holder.seq && !slot.holder.committing) slot.holder.restart();
      return turn;
    },
    release(holder) {
      const keys = held.get(holder);
      held.delete(holder);
      for (const key of keys ?? []) {
        const slot = slots.get(key);
        if (!slot) continue;
        for (const wait of slot.waiting.filter(other => other.holder === holder)) wait.go(false);
        slot.waiting = slot.waiting.filter(other => other.holder !== holder);
        if (slot.holder === holder) passOn(key, slot);
      }
    },
    remember(key, value) {
      const slot = slots.get(key);
      if (slot) slot.last = value;
    },
    recall: key => slots.get(key)?.last,
  };
}
