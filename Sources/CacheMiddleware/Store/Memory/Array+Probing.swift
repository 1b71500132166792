extension Array where Element == UInt32 {
    /// Clears a slot of a table with linear probing, whose size is a power of two, and moves up the later elements of its run
    /// (Knuth, The Art of Computer Programming 3, algorithm 6.4 R).
    ///
    /// - Parameters:
    ///   - slot: The slot.
    ///   - empty: The value of an empty slot.
    ///   - hash: Returns the hash of the element in a slot.
    mutating func removeProbed(at slot: Int, empty: UInt32, hash: (UInt32) -> UInt64) {
        let mask = count - 1
        var hole = slot
        self[hole] = empty
        var next = (hole + 1) & mask
        while self[next] != empty {
            let home = Int(truncatingIfNeeded: hash(self[next])) & mask
            if (next &- home) & mask >= (next &- hole) & mask {
                swapAt(hole, next)
                hole = next
            }
            next = (next + 1) & mask
        }
    }
}
