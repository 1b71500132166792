import KeyConstructor
import Synchronization

/// The purges of one store that this process has begun, and those that the store has not confirmed yet.
///
/// A purge is a promise to every request that starts after it has returned, also when the store was slow or failed. Until
/// the store has confirmed a purge, the caches of this process serve nothing that it selects; a purge that failed is
/// attempted again until it succeeds.
///
/// All caches and callers of a store share one ledger.
package final class PurgeLedger: Sendable {
    /// A purge that has begun.
    struct Purge: Hashable {
        let selection: PurgeSelection
        let mode: PurgeMode
    }

    fileprivate struct State {
        /// How many calls are under way for each purge.
        var pending: [Purge: Int] = [:]
        /// The purges that failed, each with the number of its latest failure.
        var owed: [Purge: Int] = [:]
        var failureCount = 0
        var isRetrying = false
    }

    /// The largest number of failed purges that are remembered; with more, everything is purged instead.
    static let limit = 1024

    private let begun = Atomic(0)
    private let isSettledHint = Atomic(true)
    private let state = Mutex(State())

    package init() {}

    /// How many purges have begun.
    package var count: Int { begun.load(ordering: .acquiring) }

    /// Counts a purge that begins.
    package func add() {
        begun.add(1, ordering: .acquiringAndReleasing)
    }

    /// Whether the store has confirmed every purge: almost always, and found out without a lock.
    var isSettled: Bool { isSettledHint.load(ordering: .acquiring) }

    /// Notes the beginning of a purge.
    func begin(_ purge: Purge) {
        add()
        change { $0.pending[purge, default: 0] += 1 }
    }

    /// Notes that the store has confirmed a purge.
    func confirm(_ purge: Purge) {
        change { $0.end(purge) }
    }

    /// Notes that a purge has failed and is still to be made.
    func fail(_ purge: Purge) {
        change { state in
            state.end(purge)
            state.failureCount += 1
            state.owed[purge] = state.failureCount
            if state.owed.count > Self.limit {
                state.owed = [Purge(selection: .everything, mode: .hard): state.failureCount]
            }
        }
    }

    /// The purges that failed, with numbers by which they are settled.
    var owed: [Purge: Int] { state.withLock { $0.owed } }

    /// Notes that a purge which had failed was made, unless it has failed again meanwhile.
    func settle(_ purge: Purge, number: Int) {
        change { state in
            if state.owed[purge] == number { state.owed[purge] = nil }
        }
    }

    /// Whether the caller is to attempt the failed purges again: one caller at a time, and only while there are any.
    ///
    /// - Parameter isRetrying: Whether the caller has done so until now.
    func continuesRetrying(_ isRetrying: Bool) -> Bool {
        state.withLock { state in
            guard isRetrying || !state.isRetrying else { return false }
            // Decided under the lock, so that no purge fails between the last look and the end.
            state.isRetrying = !state.owed.isEmpty
            return state.isRetrying
        }
    }

    /// What an unconfirmed purge makes of an entry; nil when none selects it.
    func unconfirmedMode(for entry: CacheEntry, under key: CacheKey) -> PurgeMode? {
        guard !isSettled else { return nil }
        return state.withLock { state in
            var mode: PurgeMode?
            for purge in [state.pending.keys, state.owed.keys].joined()
            where mode != .hard && purge.selection.selects(entry, under: key) {
                mode = purge.mode
            }
            return mode
        }
    }

    private func change(_ change: (inout State) -> Void) {
        state.withLock { state in
            change(&state)
            isSettledHint.store(state.pending.isEmpty && state.owed.isEmpty, ordering: .releasing)
        }
    }
}

extension PurgeLedger.State {
    fileprivate mutating func end(_ purge: PurgeLedger.Purge) {
        guard let count = pending[purge] else { return }
        pending[purge] = count > 1 ? count - 1 : nil
    }
}

extension PurgeLedger {
    private struct Weak: Sendable {
        weak let ledger: PurgeLedger?
    }

    private static let all = Mutex<[ObjectIdentifier: Weak]>([:])

    /// The ledger of a store, which is the same one for as long as any caller holds it.
    ///
    /// A caller holds the store as well, so no other object has its identity meanwhile.
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

/// A store that attempts a failed purge again by itself, and serves nothing that it selects until it has succeeded.
package protocol PurgeRetryingStore: CacheStore {}
