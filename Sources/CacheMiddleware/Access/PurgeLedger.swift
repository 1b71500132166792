import KeyConstructor
import Synchronization

/// The purges of one store that this process has begun, and those that the store has not yet confirmed.
///
/// A purge is a promise to every request that starts after it has returned, even if the store was slow or failed. Until the store
/// has confirmed a purge, the caches of this process serve no entry that it selects. A failed purge is retried until it succeeds.
///
/// All caches and callers of a store share one ledger.
package final class PurgeLedger: Sendable {
    fileprivate struct State {
        /// The number of running calls of each purge.
        var pending: [Purge: Int] = [:]
        var owed = PurgeBacklog()
    }

    private let begun = Atomic(0)
    private let isSettledHint = Atomic(true)
    private let state = Mutex(State())

    package init() {}

    /// The number of purges that have begun.
    package var count: Int { begun.load(ordering: .acquiring) }

    /// Counts a purge that begins.
    package func add() {
        begun.add(1, ordering: .acquiringAndReleasing)
    }

    /// Whether the store has confirmed every purge. This is almost always true, and reading it takes no lock.
    var isSettled: Bool { isSettledHint.load(ordering: .acquiring) }

    /// Records the start of a purge.
    func begin(_ purge: Purge) {
        add()
        change { $0.pending[purge, default: 0] += 1 }
    }

    /// Records that the store has confirmed a purge.
    func confirm(_ purge: Purge) {
        change { $0.end(purge) }
    }

    /// Records that a purge has failed and must be retried.
    func fail(_ purge: Purge) {
        change { state in
            state.end(purge)
            state.owed.add(purge)
        }
    }

    /// The purges that failed, each with the number to pass to ``settle(_:number:)``.
    var owed: [Purge: Int] { state.withLock { $0.owed.purges } }

    /// Records that a failed purge was carried out, unless it has failed again in the meantime.
    func settle(_ purge: Purge, number: Int) {
        change { $0.owed.remove(purge, number: number) }
    }

    /// Returns whether the caller must retry the failed purges, see ``PurgeBacklog/continuesRetrying(_:)``.
    func continuesRetrying(_ isRetrying: Bool) -> Bool {
        state.withLock { $0.owed.continuesRetrying(isRetrying) }
    }

    /// A snapshot of the purges that the store has not confirmed.
    struct Unconfirmed {
        private var pending: [Purge: Int] = [:]
        private var owed: [Purge: Int] = [:]

        /// No purges.
        static let none = Unconfirmed()

        fileprivate init(pending: [Purge: Int] = [:], owed: [Purge: Int] = [:]) {
            self.pending = pending
            self.owed = owed
        }

        /// Returns the mode of the purges that select an entry, or nil if none does; a hard purge takes precedence.
        ///
        /// - Complexity: O(number of tags and length of the path), independent of the number of purges.
        func mode(for entry: CacheEntry, under key: CacheKey) -> PurgeMode? {
            guard !pending.isEmpty || !owed.isEmpty else { return nil }
            let selections = Self.selections(of: entry, under: key)
            for mode in [PurgeMode.hard, .soft] {
                for selection in selections {
                    let purge = Purge(selection: selection, mode: mode)
                    if pending[purge] != nil || owed[purge] != nil { return mode }
                }
            }
            return nil
        }

        private static func selections(of entry: CacheEntry, under key: CacheKey) -> [PurgeSelection] {
            var selections: [PurgeSelection] = [.everything, .key(key)]
            selections += entry.tags.map { .tag($0) }
            guard let path = entry.path else { return selections }
            selections.append(.url(path))
            return selections + path.purgePrefixes.map { .prefix(String($0)) }
        }
    }

    /// The purges that the store has not confirmed.
    ///
    /// A look-up reads them before it asks the store: a purge that is confirmed during the look-up may have come too late for the
    /// entry that was found.
    var unconfirmed: Unconfirmed {
        guard !isSettled else { return .none }
        return state.withLock { Unconfirmed(pending: $0.pending, owed: $0.owed.purges) }
    }

    private func change(_ change: (inout State) -> Void) {
        state.withLock { state in
            change(&state)
            isSettledHint.store(state.pending.isEmpty && state.owed.isEmpty, ordering: .releasing)
        }
    }
}

extension PurgeLedger.State {
    fileprivate mutating func end(_ purge: Purge) {
        guard let count = pending[purge] else { return }
        pending[purge] = count > 1 ? count - 1 : nil
    }
}

extension PurgeLedger {
    private struct Weak: Sendable {
        weak let ledger: PurgeLedger?
    }

    private static let all = Mutex<[ObjectIdentifier: Weak]>([:])

    /// Returns the ledger of a store. It is the same object for as long as any caller holds it.
    ///
    /// The caller also holds the store, so no other object can have the store's identity during that time.
    package static func of(_ store: any CacheStore) -> PurgeLedger {
        guard type(of: store) is AnyClass else { return PurgeLedger() }
        let identity = ObjectIdentifier(store as AnyObject)
        return all.withLock { all in
            if let ledger = all[identity]?.ledger { return ledger }
            all = all.filter { $0.value.ledger != nil }
            let ledger = PurgeLedger()
            all[identity] = Weak(ledger: ledger)
            return ledger
        }
    }
}

/// A store that retries failed purges itself and serves no entry that such a purge selects until it has succeeded.
package protocol PurgeRetryingStore: CacheStore {}
