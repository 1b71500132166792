/// How a ``TieredStore`` uses its tier in memory.
public struct TieredStoreSettings: Sendable {
    /// How long an entry stays in memory at most before the server is asked for it again. It bounds what a lost message could do. 60
    /// seconds by default.
    public var memoryLifetime: Duration = .seconds(60)

    /// Whether the tier in memory goes on answering while this instance hears nothing of the others, for ``memoryLifetime`` at most.
    ///
    /// By default it does not: what another instance purges meanwhile would still be given here. With it, what is hot is answered
    /// while the server is away. Either way the tier is emptied before the instance is heard from again.
    public var servesWhileCutOff = false

    /// Creates the settings that are right by default.
    public init() {}
}
