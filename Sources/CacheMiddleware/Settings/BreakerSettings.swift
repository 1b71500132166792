/// When a store outside the process is left alone because it fails, and for how long.
public struct BreakerSettings: Sendable, Hashable {
    /// How many operations have to fail one after the other, by an error or because the time of their request is used up. One in between
    /// that succeeds within half of that time begins the count anew. 5 by default.
    public var failureThreshold: Int

    /// For how long the store is left alone then. After that one operation tries it again; if it fails, or takes more than half of a
    /// request's time, there is another pause. One second by default.
    public var pause: Duration

    /// Creates settings.
    public init(failureThreshold: Int = 5, pause: Duration = .seconds(1)) {
        self.failureThreshold = failureThreshold
        self.pause = pause
    }
}
