/// The settings of a ``TieredStore``.
public struct TieredStoreSettings: Sendable {
    /// The maximum time that an entry stays in memory. Default: 60 seconds.
    ///
    /// It bounds how long a purged entry can be served if its message is lost.
    public var memoryLifetime: Duration = .seconds(60)

    /// Whether the memory tier is used while the subscription to changes is interrupted, for ``memoryLifetime`` at most. Default: false.
    ///
    /// If true, hot entries are served during an outage of the server, including entries that another instance purges meanwhile. Either
    /// way the tier is emptied when the subscription is restored.
    public var servesWhileCutOff = false

    /// Creates settings with the default values.
    public init() {}
}
