import Synchronization

/// A position in the order of a store's purges, as far as this process knows it.
///
/// There is no purge between equal snapshots. The count covers what the mark cannot: a purge that has not reached the store yet,
/// and a store that does not respond.
struct PurgeSnapshot: Sendable, Hashable {
    private static let unknownCount = Atomic(0)

    /// Returns a snapshot that equals no other one, for a store that did not respond and does not record its purges.
    static func unknown() -> PurgeSnapshot {
        PurgeSnapshot(mark: nil, count: -unknownCount.add(1, ordering: .relaxed).newValue)
    }

    /// Whether the snapshot equals no other one, so that no response can be shared.
    var isUnknown: Bool { count < 0 }

    /// The store's mark; nil when the store did not respond.
    let mark: PurgeMark?
    /// The number of purges that had begun in this process.
    let count: Int
}
