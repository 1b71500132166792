/// The settings of stores and the administration, which differ between the places where an application runs.
///
/// ```swift
/// let memory = MemoryStore(byteLimit: settings.deployment.memoryByteLimit)
/// let client = try RedisClient(url: settings.deployment.redisURL ?? "redis://localhost")
/// ```
public struct DeploymentSettings: Sendable {
    /// The `byteLimit` of the application's `MemoryStore`, in bytes. 64 MiB by default.
    public var memoryByteLimit = 64 << 20

    /// The URL of the application's Redis server for `RedisClient`, which reports an invalid part when it is created. It
    /// may contain a password. nil by default.
    public var redisURL: String?

    /// The prefix of the application's keys in Redis, for ``Settings/storePrefix(_:)``. `response-cache:` by default.
    public var redisPrefix = "response-cache:"

    /// The secret of the cache administration, for `AccessCheck.bearer(_:)`. nil by default.
    public var administrationSecret: String?

    /// Creates the default settings.
    public init() {}
}

extension DeploymentSettings: CustomReflectable {
    /// A mirror without the secrets, because dumps can end up in logs.
    public var customMirror: Mirror {
        let hidden = "(hidden)"
        return Mirror(
            self,
            children: [
                "memoryByteLimit": memoryByteLimit, "redisURL": redisURL == nil ? "nil" : hidden,
                "redisPrefix": redisPrefix, "administrationSecret": administrationSecret == nil ? "nil" : hidden,
            ])
    }
}
