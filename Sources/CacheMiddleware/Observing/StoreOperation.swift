/// An operation of a store, in logs and metrics.
enum StoreOperation: String, Sendable, CaseIterable {
    case read, write, mark, purge, lock
}
