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
        /// The bytes of tags and paths in `owed`.
        var owedByteCount = 0
        var isRetrying = false
    }

    /// The largest number of failed purges that are remembered; with more, everything is purged instead.
    static let limit = 1024

    /// The largest number of bytes that their tags and paths have.
    static let byteLimit = 1 << 20

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
            if state.owed.updateValue(state.failureCount, forKey: purge) == nil {
                state.owedByteCount += purge.selection.textByteCount
            }
            if state.owed.count > Self.limit || state.owedByteCount > Self.byteLimit {
                state.owed = [Purge(selection: .everything, mode: .hard): state.failureCount]
                state.owedByteCount = 0
            }
        }
    }

    /// The purges that failed, with numbers by which they are settled.
    var owed: [Purge: Int] { state.withLock { $0.owed } }

    /// Notes that a purge which had failed was made, unless it has failed again meanwhile.
    func settle(_ purge: Purge, number: Int) {
        change { state in
            guard state.owed[purge] == number else { return }
            state.owed[purge] = nil
            state.owedByteCount -= purge.selection.textByteCount
        }
    }

    /// Whether the caller is to attempt the failed purges again: one caller at a time, and only while there are any.
    ///
    /// - Parameter isRetrying: Whether the caller has done so until now.
    /// - Returns: Whether to go on.
    func continuesRetrying(_ isRetrying: Bool) -> Bool {
        state.withLock { state in
            guard isRetrying || !state.isRetrying else { return false }
            // Decided under the lock, so that no purge fails between the last look and the end.
            state.isRetrying = !state.owed.isEmpty
            return state.isRetrying
        }
    }

    /// The purges that the store has not confirmed at a moment.
    struct Unconfirmed {
        private var pending: [Purge: Int] = [:]
        private var owed: [Purge: Int] = [:]

        /// No purges.
        static let none = Unconfirmed()

        fileprivate init(pending: [Purge: Int] = [:], owed: [Purge: Int] = [:]) {
            self.pending = pending
            self.owed = owed
        }

        /// What they make of an entry; nil when none selects it. O(number of tags and length of the path), however many there are.
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
    /// A look-up takes them before it asks the store: one that is confirmed meanwhile may have come too late for what was found.
    var unconfirmed: Unconfirmed {
        guard !isSettled else { return .none }
        return state.withLock { Unconfirmed(pending: $0.pending, owed: $0.owed) }
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
