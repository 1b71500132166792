import CacheMiddleware
import ETag
import HTTPPipeline
import KeyConstructor
import Repositories
import Synchronization

/// The version of the row that a request names: the part of its key that changes with the row only.
///
/// Versions from the database are reused until the stamp changes, so a cached response costs no query.
final class RowVersions: AsyncKeyBit {
    private struct Known {
        var stamp = ""
        var versions: [RowQuery: Int64] = [:]
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

    /// Returns the version of the row, or nil if there is none. It is read once per request.
    func version(for exchange: Exchange) async throws -> Int64? {
        try await exchange.memo.value(of: self, for: exchange) {
            guard var query = exchange.resourceRequest?.query else { return nil }
            query.fields = [field]
            // Read before the version, which is then at most newer. While the store fails, versions come from the database.
            let stamp = try? await stamp?.current(for: exchange)
            let known = known.withLock { $0.stamp == stamp ? $0.versions[query] : nil }
            if let known { return known }
            let rows = try await repository.rows(query)
            guard !rows.isEmpty, case .integer(let version)? = rows.value(row: 0, field: field) else { return nil }
            if let stamp {
                self.known.withLock { known in
                    if known.stamp != stamp || known.versions.count >= Self.limit { known = Known(stamp: stamp) }
                    known.versions[query] = version
                }
            }
            return version
        }
    }

    /// Returns the version that an update is based on; nil if it has no conditions.
    func evaluatedVersion(of exchange: Exchange) async throws -> Int64? {
        guard let evaluated = exchange.evaluated else { return nil }
        return try await version(for: evaluated)
    }

    static func == (left: RowVersions, right: RowVersions) -> Bool { left === right }

    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
