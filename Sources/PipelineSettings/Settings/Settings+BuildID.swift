import HTTPPipeline
public import KeyConstructor
import Synchronization

extension Settings {
    /// A key as these settings give it to middleware: with the build ID and, if ``memoizesKeys``, memoized.
    ///
    /// The middleware that settings make applies it to every key, those of routes included. It is for everything else that
    /// computes such a key: `CacheAdministration`, a purge by key, middleware that is made without settings.
    ///
    /// The build ID is a bit called `build_id`, or with underscores before it where the key has a bit of this name.
    /// Without a build ID the bits are those of the key.
    ///
    /// - Parameter key: The key of a route.
    /// - Returns: The key that is used. Equal keys give keys that are memoized together.
    /// - Complexity: O(n log n) in the number of bits the first time, then O(n).
    public func routeKey(_ key: KeyConstructor) -> KeyConstructor {
        memoized(buildID.map { buildKeys.key(key, of: $0) } ?? key)
    }

    /// A prefix for a store outside the process that separates the entries of this build from all others.
    ///
    /// ```swift
    /// var storeSettings = RedisStoreSettings()
    /// storeSettings.prefix = settings.storePrefix("cities:")
    /// ```
    ///
    /// The build ID in the keys already keeps a build from using another one's entries. The prefix also separates purges, version
    /// stamps and locks: see <doc:LoadingSettings#Deploying-a-new-version> before you use it.
    ///
    /// - Parameter base: The prefix of all builds.
    /// - Returns: The prefix with the build ID and a colon after it; without a build ID, the prefix.
    public func storePrefix(_ base: String = "response-cache:") -> String {
        buildID.map { "\(base)\($0):" } ?? base
    }
}

/// Keys with a build ID. The same one is returned for equal keys, as two middleware that share a key share what is memoized for it.
final class BuildKeys: Sendable {
    /// The number of keys after which all are forgotten. Applications have a key for each route; a program that makes keys all the
    /// time must not grow.
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
