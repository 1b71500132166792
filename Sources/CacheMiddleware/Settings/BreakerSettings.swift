/// When a store outside the process is left alone because it fails, and for how long.
public struct BreakerSettings: Sendable, Hashable {
    /// How many operations have to fail one after the other. 5 by default.
    public var failureThreshold: Int

    /// For how long the store is left alone then. After that one operation tries it again, and its outcome decides. One second
    /// by default.
    public var pause: Duration

    /// Creates settings.
    public init(failureThreshold: Int = 5, pause: Duration = .seconds(1)) {
        self.failureThreshold = failureThreshold
        self.pause = pause
    }
}
