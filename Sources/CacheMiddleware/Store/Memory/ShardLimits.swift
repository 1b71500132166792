/// The limits of a shard.
struct ShardLimits: Sendable {
    /// The unit of a limit: bytes, or entries of any size.
    enum Unit: Sendable {
        case bytes
        case entries
    }

    let unit: Unit
    /// The limit in that unit.
    let limit: Int
    /// The maximum number of bytes of one entry.
    let entryByteLimit: Int

    /// Returns the weight of an entry in the limit's unit.
    func weight(ofByteCount byteCount: Int) -> Int {
        switch unit {
        case .bytes: byteCount
        case .entries: 1
        }
    }

    /// Returns whether a single entry fits.
    func admits(byteCount: Int) -> Bool {
        byteCount <= entryByteLimit && weight(ofByteCount: byteCount) <= limit
    }
}
