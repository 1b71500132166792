import Synchronization

/// Whether an entry in a store of this process is still valid.
///
/// Data derived from an entry, elsewhere in the process, is valid as long as the entry's life is not over.
package final class EntryLife: Sendable {
    private let hasEnded = Atomic(false)
    private let enclosing: EntryLife?

    /// Creates a life that is not over.
    ///
    /// - Parameter enclosing: A life that ends this one too: that of all entries in a part of a store.
    package init(within enclosing: EntryLife? = nil) {
        self.enclosing = enclosing
    }

    /// Whether the entry was removed, replaced, or made stale. It never becomes false again.
    package var isOver: Bool {
        hasEnded.load(ordering: .acquiring) || enclosing?.isOver == true
    }

    /// Ends the life, and every life within it.
    package func end() {
        hasEnded.store(true, ordering: .releasing)
    }
}
