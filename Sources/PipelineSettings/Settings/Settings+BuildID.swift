import HTTPPipeline
public import KeyConstructor
import Synchronization

extension Settings {
    /// Returns the key that middleware with these settings uses for a key: with the build ID.
    ///
    /// The middleware that settings create applies it to every key, including those of routes. Use it for all other
    /// code that computes such a key: a purge by key, and middleware that is created without settings.
    ///
    /// The build ID is a bit named `build_id`, prefixed with underscores if the key already has a bit of this name.
    /// Without a build ID, the bits are those of the key.
    ///
    /// - Parameter key: The key of a route.
    /// - Returns: The key that the middleware uses. Equal keys return keys that are memoized together.
    /// - Complexity: O(n log n) in the number of bits the first time, then O(n).
    public func routeKey(_ key: KeyConstructor) -> KeyConstructor {
        buildID.map { buildKeys.key(key, of: $0) } ?? key
    }

    /// Returns a prefix for a store outside of the process that separates the entries of this build from all others.
    ///
    /// ```swift
    /// var storeSettings = RedisStoreSettings()
    /// storeSettings.prefix = settings.storePrefix()
    /// ```
    ///
    /// The build ID in the keys already prevents a build from using the entries of another one. The prefix also
    /// separates purges, version stamps and locks: see <doc:LoadingSettings#Deploying-a-new-version> before you use it.
    ///
    /// - Parameter base: The prefix of all builds; by default ``DeploymentSettings/redisPrefix``.
    /// - Returns: The prefix, followed by the build ID and a colon if there is a build ID.
    public func storePrefix(_ base: String? = nil) -> String {
        let base = base ?? deployment.redisPrefix
        return buildID.map { "\(base)\($0):" } ?? base
    }
}

/// The keys with a build ID. Equal keys return the same key, so that two middleware that share a key share its memoized
/// value.
final class BuildKeys: Sendable {
    /// The number of keys after which all keys are dropped. Applications have a key per route; this limits the memory
    /// of a program that creates keys continuously.
    private static let limit = 1000

    private struct Source: Hashable {
        let key: KeyConstructor
        let buildID: String
    }

    private let keys = Mutex<[Source: KeyConstructor]>([:])

    func key(_ key: KeyConstructor, of buildID: String) -> KeyConstructor {
        let source = Source(key: key, buildID: buildID)
        return keys.withLock { keys in
            if let known = keys[source] { return known }
            if keys.count >= Self.limit { keys = [:] }
            var name = "build_id"
            while key.names.contains(name) { name = "_" + name }
            let value = key.adding([name: .constant(buildID)])
            keys[source] = value
            return value
        }
    }
}
