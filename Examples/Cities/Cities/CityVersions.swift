import CacheMiddleware
import ETag
import HTTPPipeline
import KeyConstructor
import Synchronization

/// The versions of cities: the part of a city's key that changes only with the city.
///
/// Versions read from the database are reused until the stamp shows a write. So a cached response
/// costs no query.
final class CityVersions: Sendable {
    private struct Known {
        var stamp = ""
        var versions: [Int64: Int64] = [:]
    }

    private let repository: CityRepository
    private let updatedAt: VersionStamp
    private let known = Mutex(Known())

    init(repository: CityRepository, updatedAt: VersionStamp) {
        self.repository = repository
        self.updatedAt = updatedAt
    }

    /// Returns the version of a request's city, or nil when it does not exist. It is read once per request.
    func version(for exchange: Exchange) async throws -> Int64? {
        try await exchange.memo.value(of: self, for: exchange) {
            guard case .string(let text)? = exchange.pathParameters["id"], let id = Int64(text) else { return nil }
            return try await version(of: id, for: exchange)
        }
    }

    /// The version against which the conditions of an update were evaluated and which it must replace; nil when it has
    /// no conditions.
    func evaluatedVersion(of exchange: Exchange) async throws -> Int64? {
        guard let evaluated = exchange.evaluated else { return nil }
        return try await version(for: evaluated)
    }

    private func version(of id: Int64, for exchange: Exchange) async throws -> Int64? {
        // The stamp is read first: a version that is read later is at most newer than its stamp. While the
        // store is unreachable, versions are read from the database: cities keep their tags, and
        // updates stay conditional.
        guard let stamp = try? await updatedAt.current(for: exchange) else { return try await repository.version(id) }
        if let version = known.withLock({ $0.stamp == stamp ? $0.versions[id] : nil }) { return version }
        guard let version = try await repository.version(id) else { return nil }
        known.withLock { known in
            if known.stamp != stamp { known = Known(stamp: stamp) }
            known.versions[id] = version
        }
        return version
    }
}

extension CityVersions: AsyncKeyBit {
    /// Writes the version of the request's city.
    func write(_ exchange: Exchange, to writer: inout KeyWriter) async throws {
        if let version = try await version(for: exchange) {
            writer.write(version)
        } else {
            writer.writeNull()
        }
    }
}
