/// How much a shard holds.
struct ShardLimits: Sendable {
    /// What is counted: bytes, or entries whatever their size.
    enum Unit: Sendable {
        case bytes
        case entries
    }

    let unit: Unit
    /// The limit in that unit.
    let limit: Int
    /// The number of bytes that one entry takes at most.
    let entryByteLimit: Int

    /// What an entry weighs in the limit's unit.
    func weight(ofByteCount byteCount: Int) -> Int {
        switch unit {
        case .bytes: byteCount
        case .entries: 1
        }
    }

    /// Whether a single entry fits.
    func admits(byteCount: Int) -> Bool {
        byteCount <= entryByteLimit && weight(ofByteCount: byteCount) <= limit
    }
}
