import CacheMiddleware
import ETag
import HTTPPipeline
import KeyConstructor
import NIOCore
import Repositories
import Synchronization

/// The version of the row that a request names: the part of its key that changes with the row only.
///
/// Versions from the database are reused until the stamp changes, so a cached response costs no query.
final class RowVersions: ImmediateKeyBit {
    private struct Known {
        var stamp = ByteBuffer()
        /// The versions by the digests of the statements that select the rows.
        var versions: [String: Int64] = [:]
    }

    private static let limit = 10_000

    private let repository: any Repository
    private let stamp: VersionStamp?
    private let field: String
    private let known = Mutex(Known())

    init(of resource: Resource, field: String) {
        (repository, self.field) = (resource.repository, field)
        stamp = resource.settings.caching?.stamp
    }

    /// With a stamp, the version changes with the stamp only.
    var inputs: ExchangeInputs { stamp == nil ? .all : [.attributes, .stamps] }

    func write(_ exchange: Exchange, to writer: inout KeyWriter) async throws {
        if let version = try await version(for: exchange) {
            writer.write(version)
        } else {
            writer.writeNull()
        }
    }

    func writeImmediately(_ exchange: Exchange, to writer: inout KeyWriter) -> Bool {
        guard let version = immediateVersion(for: exchange) else { return false }
        if let version { writer.write(version) } else { writer.writeNull() }
        return true
    }

    func isAvailable(for exchange: Exchange) -> Bool { immediateVersion(for: exchange) != nil }

    /// Returns the version of the row, which is nil if there is none, or nil if it has to be read from the database.
    private func immediateVersion(for exchange: Exchange) -> Int64?? {
        if let memoized = exchange.memoizedValue(of: ObjectIdentifier(self), as: Int64?.self) { return memoized }
        return exchange.memo.immediateValue(of: self, for: exchange) { () -> Int64?? in
            guard let prepared = exchange.preparedRequest, let stamp = stamp?.immediateReading(for: exchange),
                let version = knownVersion(prepared, under: stamp)
            else { return nil }
            return .some(version)
        }
    }

    /// Returns the version of the row, or nil if there is none. It is read once per request.
    func version(for exchange: Exchange) async throws -> Int64? {
        try await exchange.memo.value(of: self, for: exchange) {
            guard let prepared = exchange.preparedRequest else { return nil }
            // Read before the version, which is then at most newer. While the store fails, versions come from the database.
            let stamp = try? await stamp?.reading(for: exchange)
            if let stamp, let known = knownVersion(prepared, under: stamp) { return known }
            var query = prepared.request.query
            query.fields = [field]
            let rows = try await repository.rows(query)
            guard !rows.isEmpty, case .integer(let version)? = rows.value(row: 0, field: field) else { return nil }
            if let stamp {
                known.withLock { known in
                    if known.stamp != stamp.text || known.versions.count >= Self.limit {
                        known = Known(stamp: stamp.text)
                    }
                    known.versions[prepared.digest] = version
                }
            }
            return version
        }
    }

    private func knownVersion(_ prepared: PreparedRequest, under stamp: StampReading) -> Int64? {
        known.withLock { $0.stamp == stamp.text ? $0.versions[prepared.digest] : nil }
    }

    /// Returns the version that an update is based on; nil if it has no conditions.
    func evaluatedVersion(of exchange: Exchange) async throws -> Int64? {
        guard let evaluated = exchange.evaluated else { return nil }
        return try await version(for: evaluated)
    }

    static func == (left: RowVersions, right: RowVersions) -> Bool { left === right }

    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
