import KeyConstructor

/// A hash table from keys to stored entries and their positions in the shard: open addressing with linear probing, at most three
/// quarters full. It grows and shrinks with its contents.
///
/// A removal leaves no tombstone: later slots of the same run move up (Knuth, The Art of Computer Programming 3, algorithm 6.4 R),
/// so look-ups never slow down with churn.
///
/// Slots own unmanaged references that the table retains and releases, so a look-up does no reference counting.
struct EntryTable: ~Copyable {
    private struct Slot {
        var high: UInt64
        var low: UInt64
        var stored: Unmanaged<StoredEntry>?
        var position: UInt32
    }

    private static let minimumCapacity = 8

    private var slots: [Slot] = []
    private(set) var count = 0

    deinit {
        for slot in slots { slot.stored?.release() }
    }

    /// Returns the entry under `key`, whose hash is `hash`. The reference is valid until the table changes.
    ///
    /// - Complexity: O(1).
    @inline(__always)
    borrowing func stored(for key: CacheKey, hash: UInt64) -> Unmanaged<StoredEntry>? {
        let index = index(of: key, hash: hash)
        return index < 0 ? nil : slots[index].stored
    }

    /// Returns the position of the entry under `key`.
    ///
    /// - Complexity: O(1).
    func position(of key: CacheKey, hash: UInt64) -> UInt32? {
        let index = index(of: key, hash: hash)
        return index < 0 ? nil : slots[index].position
    }

    /// Inserts an entry, or replaces the one under its key.
    ///
    /// - Complexity: O(1), amortized.
    mutating func update(_ stored: StoredEntry, hash: UInt64, position: UInt32, hasher: KeyHasher) {
        let key = stored.key
        let index = index(of: key, hash: hash)
        let stored = Unmanaged.passRetained(stored)
        if index >= 0 {
            slots[index].stored?.release()
            slots[index].stored = stored
            slots[index].position = position
            return
        }
        if (count + 1) * 4 > slots.count * 3 { resize(to: max(Self.minimumCapacity, slots.count * 2), hasher: hasher) }
        place(Slot(high: key.high, low: key.low, stored: stored, position: position), hash: hash)
        count += 1
    }

    /// Removes the entry under a key, if there is one.
    ///
    /// - Complexity: O(1), amortized.
    mutating func remove(_ key: CacheKey, hash: UInt64, hasher: KeyHasher) {
        let slot = index(of: key, hash: hash)
        guard slot >= 0 else { return }
        slots[slot].stored?.release()
        slots[slot].stored = nil
        slots.closeProbingGap(
            at: slot, isEmpty: { $0.stored == nil }, hash: { hasher.hash(CacheKey(high: $0.high, low: $0.low)) })
        count -= 1
        if slots.count > Self.minimumCapacity, count * 8 < slots.count { resize(to: slots.count / 2, hasher: hasher) }
    }

    mutating func removeAll() {
        for slot in slots { slot.stored?.release() }
        slots = []
        count = 0
    }

    /// Returns the slot of a key, or a negative number if there is none.
    @inline(__always)
    private func index(of key: CacheKey, hash: UInt64) -> Int {
        guard !slots.isEmpty else { return -1 }
        let mask = slots.count - 1
        var index = Int(truncatingIfNeeded: hash) & mask
        while slots[index].stored != nil {
            if slots[index].low == key.low, slots[index].high == key.high { return index }
            index = (index + 1) & mask
        }
        return -1
    }

    private mutating func place(_ slot: Slot, hash: UInt64) {
        let mask = slots.count - 1
        var index = Int(truncatingIfNeeded: hash) & mask
        while slots[index].stored != nil { index = (index + 1) & mask }
        slots[index] = slot
    }

    private mutating func resize(to capacity: Int, hasher: KeyHasher) {
        let old = slots
        slots = Array(repeating: Slot(high: 0, low: 0, stored: nil, position: 0), count: capacity)
        for slot in old where slot.stored != nil {
            place(slot, hash: hasher.hash(CacheKey(high: slot.high, low: slot.low)))
        }
    }
}
