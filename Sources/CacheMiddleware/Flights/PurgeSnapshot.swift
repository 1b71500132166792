/// Where the order of a store's purges stood at a moment, as far as this process knows.
///
/// Equal snapshots have no purge between them. The count covers what the mark cannot: a purge that has not reached the
/// store yet, and a store that does not answer.
struct PurgeSnapshot: Sendable, Hashable {
    /// The store's mark; nil when the store did not answer.
    let mark: PurgeMark?
    /// How many purges had begun in this process.
    let count: Int
}
