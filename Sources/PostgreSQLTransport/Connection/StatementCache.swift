#if PostgreSQL
import CPostgreSQL

/// The prepared statements of a connection: a bounded cache by text, which evicts the least recently used.
///
/// A text is prepared when it is executed a second time, so that texts that are executed only once cost no further round trip and no memory
/// of the server.
struct StatementCache {
    /// How to execute a statement.
    enum Plan: Hashable {
        /// Without a prepared statement.
        case unnamed
        /// After preparing a statement with this name.
        case prepare(String)
        /// With the prepared statement of this name.
        case prepared(String)
    }

    private struct Entry {
        var name: String?
        var kinds: [StatementParameters.Kind]
        var lastUse: UInt64
    }

    private let limit: Int
    private var entries: [String: Entry] = [:]
    private var useCount: UInt64 = 0
    private var nameCount: UInt64 = 0
    /// The names of evicted statements, which the server still has.
    private(set) var evicted: [String] = []

    init(limit: Int) {
        self.limit = limit
    }

    /// The number of prepared statements.
    var preparedCount: Int { entries.count { $0.value.name != nil } }

    /// Decides how a statement is executed, and records the use.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - kinds: The kinds of the parameters.
    ///   - canPrepare: False in a failed transaction, in which the server does not prepare statements. In a long transaction, in which none
    ///     are deallocated, as many are prepared as have been evicted.
    /// - Returns: How to execute it.
    mutating func plan(_ text: String, _ kinds: [StatementParameters.Kind], canPrepare: Bool) -> Plan {
        guard limit > 0 else { return .unnamed }
        useCount += 1
        guard var entry = entries[text] else {
            if entries.count >= limit { evictOldest() }
            entries[text] = Entry(name: nil, kinds: kinds, lastUse: useCount)
            return .unnamed
        }
        entry.lastUse = useCount
        guard let merged = Self.merge(entry.kinds, kinds) else {
            entries[text] = entry
            return .unnamed
        }
        if merged != entry.kinds {
            // A parameter that was NULL has no declared type: the server has inferred one, of which binary values may not be.
            if let name = entry.name { evicted.append(name) }
            entry.name = nil
            entry.kinds = merged
        }
        entries[text] = entry
        if let name = entry.name { return .prepared(name) }
        guard canPrepare, evicted.count < limit else { return .unnamed }
        nameCount += 1
        return .prepare("s\(nameCount)")
    }

    /// Records that a statement was prepared.
    mutating func didPrepare(_ text: String, as name: String) {
        entries[text]?.name = name
    }

    /// Removes a statement, because the server rejected it.
    mutating func remove(_ text: String) {
        if let name = entries.removeValue(forKey: text)?.name { evicted.append(name) }
    }

    /// Returns the names of the statements that were evicted since the last call.
    mutating func takeEvicted() -> [String] {
        defer { evicted = [] }
        return evicted
    }

    private mutating func evictOldest() {
        guard let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return }
        remove(oldest.key)
    }

    /// The kinds of a statement that accepts both; nil if none does.
    private static func merge(
        _ known: [StatementParameters.Kind], _ new: [StatementParameters.Kind]
    ) -> [StatementParameters.Kind]? {
        if known == new { return known }
        guard known.count == new.count else { return nil }
        var merged = known
        for index in known.indices where known[index] != new[index] && new[index] != .null {
            guard known[index] == .null else { return nil }
            merged[index] = new[index]
        }
        return merged
    }
}
#endif
