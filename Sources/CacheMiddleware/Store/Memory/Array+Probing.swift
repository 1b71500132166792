extension Array {
    /// Moves up the later elements of the run of a slot that has been emptied, in a table with linear probing whose size is a power
    /// of two (Knuth, The Art of Computer Programming 3, algorithm 6.4 R).
    ///
    /// - Parameters:
    ///   - slot: The emptied slot.
    ///   - isEmpty: Returns whether a slot is empty.
    ///   - hash: Returns the hash of the element in a slot.
    mutating func closeProbingGap(at slot: Int, isEmpty: (Element) -> Bool, hash: (Element) -> UInt64) {
        let mask = count - 1
        var hole = slot
        var next = (hole + 1) & mask
        while !isEmpty(self[next]) {
            let home = Int(truncatingIfNeeded: hash(self[next])) & mask
            // The element moves up unless its run begins after the hole.
            if (next &- home) & mask >= (next &- hole) & mask {
                swapAt(hole, next)
                hole = next
            }
            next = (next + 1) & mask
        }
    }
}
