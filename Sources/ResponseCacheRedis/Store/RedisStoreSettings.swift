import KeyConstructor

/// How a ``RedisStore`` uses its server.
public struct RedisStoreSettings: Sendable {
    /// What every key and channel begins with. Stores with the same one share their entries, and a purge of everything is for
    /// those of one prefix. `response-cache:` by default.
    public var prefix = "response-cache:"

    /// The largest entry that is stored, in bytes with its fields and other encodings. 4 MiB by default.
    public var entryByteLimit = 4 << 20

    /// How long an entry is kept at most, those without an end too. 30 days by default.
    public var lifetimeLimit: Duration = .seconds(30 * 86_400)

    /// How many purges the server remembers, at about 120 bytes each. When there are more, the oldest is forgotten, and with it all
    /// entries that were not looked up since. 100,000 by default.
    public var purgeLimit = 100_000

    /// Creates the settings that are right by default.
    public init() {}

    /// The key of the server that an entry is under.
    func entryKey(_ key: CacheKey) -> RedisCommand.Argument { .text(prefix + "entry:" + key.description) }

    /// Ends the program when a setting makes no sense, naming it and what was expected.
    func check() {
        precondition(entryByteLimit > 0, "entryByteLimit is a number above 0, not \(entryByteLimit)")
        precondition(purgeLimit > 1, "purgeLimit is a number above 1, not \(purgeLimit)")
        precondition(lifetimeLimit > .zero, "lifetimeLimit is a duration above 0, not \(lifetimeLimit)")
    }
}
