/// A position in the order of a store's purges, as far as this process knows it.
///
/// No purge lies between equal snapshots. The count covers what the mark cannot: a purge that has not reached the store yet, and a
/// store that does not respond.
struct PurgeSnapshot: Sendable, Hashable {
    /// The store's mark; nil when the store did not respond.
    let mark: PurgeMark?
    /// The number of purges that had begun in this process.
    let count: Int
}
