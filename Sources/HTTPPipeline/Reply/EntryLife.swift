import Synchronization

/// Whether a store in this process still returns an entry as the one that may be used.
///
/// What is remembered of an entry elsewhere in the process is valid for as long as the entry's life is not over.
package final class EntryLife: Sendable {
    private let hasEnded = Atomic(false)
    private let enclosing: EntryLife?

    /// Creates a life that is not over.
    ///
    /// - Parameter enclosing: A life with which this one ends: that of all entries of a part of a store.
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
