import CacheMiddleware
import ETag
import HTTPPipeline
import KeyConstructor
import Synchronization

/// The versions of cities: the part of a city's key that changes when the city does, and with no other city.
///
/// What was read from the database is used as long as nothing at all was written, which the stamp tells. So a cached answer
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

    /// The version of the city that a request is about, or nil when there is none. It is found out once per request.
    func version(for exchange: Exchange) async throws -> Int64? {
        try await exchange.memo.value(of: self, for: exchange) {
            guard case .string(let text)? = exchange.pathParameters["id"], let id = Int64(text) else { return nil }
            return try await version(of: id, for: exchange)
        }
    }

    /// The version that the conditions of an update were found to hold for, which the update has to replace; nil when it has
    /// no conditions.
    func evaluatedVersion(of exchange: Exchange) async throws -> Int64? {
        guard let evaluated = exchange.evaluated else { return nil }
        return try await version(for: evaluated)
    }

    private func version(of id: Int64, for exchange: Exchange) async throws -> Int64? {
        // The stamp is read first: a version that is read later is at most newer than the stamp it is kept under. While its
        // store is away nobody knows whether something was written, but the database does: cities keep their tags, and
        // updates their conditions.
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
