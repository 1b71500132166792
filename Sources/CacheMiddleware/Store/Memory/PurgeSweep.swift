import HTTPPipeline
import KeyConstructor

/// A purge's way through the entries of one shard, which it goes in steps: the lock is free between them.
struct PurgeSweep {
    /// Where the purge is.
    enum Place {
        case start
        /// At a link of the label, where the index's cursor of this number is.
        case label(cursor: UInt64)
        /// Before the node `next`. Nodes from `end` on were added after the sweep began.
        case nodes(next: Int, end: Int)
        case end
    }

    let selection: PurgeSelection
    /// The hash of the selection's tag or path.
    let labelHash: UInt64
    let mode: PurgeMode
    /// From when on entries are stale.
    let moment: Timestamp

    var place = Place.start
    /// How many entries were found.
    var count = 0
}

/// How much a purge does before it frees the lock: about a third of a millisecond.
struct PurgeBudget {
    /// What is left, in entries that are looked at.
    private(set) var rest = Self.entryCount
    /// How many entries were removed or made stale.
    private(set) var purgedCount = 0

    /// How many entries are looked at in one step at most.
    static let entryCount = 2048
    /// How many entries are removed or made stale in one step at most.
    static let purgedCount = 256

    var isUsedUp: Bool { rest <= 0 }

    mutating func spend(isPurged: Bool) {
        rest -= isPurged ? Self.entryCount / Self.purgedCount : 1
        if isPurged { purgedCount += 1 }
    }

    mutating func useUp() { rest = 0 }
}
