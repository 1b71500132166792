/// The conditions under which a response that is no longer fresh is used, and under which one is refreshed early.
///
/// Lifetimes and this policy belong to the route. For this cache they act like a targeted field (RFC 9213): the lifetimes and
/// `must-revalidate` in a response's Cache-Control are for the clients' caches.
public struct StalePolicy: Sendable, Hashable {
    /// The time after its lifetime in which a response is served while it is refreshed (RFC 5861 section 3).
    ///
    /// The handler runs in the background if the framework lets it run after its request was answered. Otherwise one request runs
    /// it while the others receive the stale response, if ``SingleFlight`` is enabled.
    public var whileRevalidating: Duration

    /// The time after its lifetime in which a response is served instead of an error: a handler that throws, or a status of 500,
    /// 502, 503 or 504 (RFC 5861 section 4).
    public var ifError: Duration

    /// The factor by which a response is refreshed early in the background, before its lifetime ends, so that no request finds it
    /// stale: 0 means never, 1 is the authors' recommendation, and larger values refresh earlier.
    ///
    /// Each request starts a refresh with a probability that grows towards the end of the lifetime and with the time that the
    /// handler took (Vattani et al., Optimal Probabilistic Cache Stampede Prevention, VLDB 2015). It needs a framework that allows
    /// handlers in the background.
    public var earlyRefresh: Double

    /// Creates a policy; the default never uses a stale response.
    public init(whileRevalidating: Duration = .zero, ifError: Duration = .zero, earlyRefresh: Double = 0) {
        self.whileRevalidating = whileRevalidating
        self.ifError = ifError
        self.earlyRefresh = earlyRefresh
    }

    /// A policy that serves responses only while they are fresh.
    public static let none = StalePolicy()

    /// The time for which a response is kept after its lifetime.
    var retention: Duration { max(.zero, max(whileRevalidating, ifError)) }
}
