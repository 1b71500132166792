/// A queue of the hashes of recently evicted keys, in the order of eviction. It contains no entries.
///
/// A hash table with linked positions in flat arrays; free positions are reused.
struct GhostQueue {
    private struct Ghost {
        var hash: UInt64
        var newer: UInt32
        var older: UInt32
    }

    private static let none = UInt32.max

    private var ghosts: [Ghost] = []
    private var free: [UInt32] = []
    /// The positions of ghosts by the low bits of their hashes; open addressing, at most half full.
    private var slots: [UInt32] = []
    private var newest = none
    private var oldest = none

    /// The number of hashes.
    var count: Int { ghosts.count - free.count }

    /// Appends a hash unless it is already in the queue, and removes the oldest ones to keep the count within a limit.
    ///
    /// - Complexity: O(1), amortized.
    mutating func append(_ hash: UInt64, limit: Int) {
        while count >= max(1, limit) { removeOldest() }
        guard slot(of: hash) == nil else { return }
        if (count + 1) * 2 > slots.count { resize(to: max(8, slots.count * 2)) }
        let ghost = Ghost(hash: hash, newer: Self.none, older: newest)
        let position: UInt32
        if let reused = free.popLast() {
            position = reused
            ghosts[Int(position)] = ghost
        } else {
            position = UInt32(ghosts.count)
            ghosts.append(ghost)
        }
        if newest != Self.none { ghosts[Int(newest)].newer = position } else { oldest = position }
        newest = position
        place(position)
    }

    /// Removes a hash.
    ///
    /// - Returns: Whether the queue contained the hash.
    /// - Complexity: O(1).
    mutating func remove(_ hash: UInt64) -> Bool {
        guard let slot = slot(of: hash) else { return false }
        remove(at: slot)
        return true
    }

    /// Removes all hashes and releases their memory.
    mutating func removeAll() {
        self = GhostQueue()
    }

    private mutating func removeOldest() {
        guard oldest != Self.none, let slot = slot(of: ghosts[Int(oldest)].hash) else { return }
        remove(at: slot)
    }

    private mutating func remove(at slot: Int) {
        let position = slots[slot]
        let ghost = ghosts[Int(position)]
        if ghost.newer != Self.none { ghosts[Int(ghost.newer)].older = ghost.older } else { newest = ghost.older }
        if ghost.older != Self.none { ghosts[Int(ghost.older)].newer = ghost.newer } else { oldest = ghost.newer }
        free.append(position)
        slots[slot] = Self.none
        slots.closeProbingGap(at: slot, isEmpty: { $0 == Self.none }, hash: { [ghosts] in ghosts[Int($0)].hash })
        // The number of ghosts follows the number of entries. When it falls, so does the memory.
        if slots.count > 64, count * 8 < slots.count { shrink() }
    }

    private func slot(of hash: UInt64) -> Int? {
        guard !slots.isEmpty else { return nil }
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != Self.none {
            if ghosts[Int(slots[slot])].hash == hash { return slot }
            slot = (slot + 1) & mask
        }
        return nil
    }

    private mutating func place(_ position: UInt32) {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: ghosts[Int(position)].hash) & mask
        while slots[slot] != Self.none { slot = (slot + 1) & mask }
        slots[slot] = position
    }

    private mutating func resize(to capacity: Int) {
        let old = slots
        slots = Array(repeating: Self.none, count: capacity)
        for position in old where position != Self.none { place(position) }
    }

    private mutating func shrink() {
        var smaller = GhostQueue()
        var position = oldest
        while position != Self.none {
            smaller.append(ghosts[Int(position)].hash, limit: .max)
            position = ghosts[Int(position)].newer
        }
        self = smaller
    }
}
