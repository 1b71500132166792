import KeyConstructor
import RedisTransport

/// The settings of a ``RedisStore``.
public struct RedisStoreSettings: Sendable {
    /// The prefix of all keys and channels. Default: `response-cache:`.
    ///
    /// Stores with the same prefix share their entries. A purge of everything is limited to one prefix.
    public var prefix = "response-cache:"

    /// The maximum size of a stored entry with its fields and variants, in bytes. Default: 4 MiB.
    public var entryByteLimit = 4 << 20

    /// The maximum lifetime of an entry, including entries that do not expire. Default: 30 days.
    public var lifetimeLimit: Duration = .seconds(30 * 86_400)

    /// The maximum number of purges that the server records, at about 120 bytes each. Default: 100,000.
    ///
    /// If there are more, the oldest record is dropped, and all entries that were not looked up since then count as purged.
    public var purgeLimit = 100_000

    /// Creates settings with the default values.
    public init() {}

    /// Returns the Redis key of an entry.
    func entryKey(_ key: CacheKey) -> RedisCommand.Argument { .text(prefix + "entry:" + key.description) }

    /// Checks the ranges of the settings. An invalid setting is a programming error.
    func check() {
        precondition(entryByteLimit > 0, "entryByteLimit must be greater than 0, not \(entryByteLimit)")
        precondition(purgeLimit > 1, "purgeLimit must be greater than 1, not \(purgeLimit)")
        precondition(lifetimeLimit > .zero, "lifetimeLimit must be greater than 0, not \(lifetimeLimit)")
    }
}
