/// How a response that is no longer fresh may be used, and when it is refreshed early.
///
/// Lifetimes and this policy are the route's. For this cache they have the role of a targeted field (RFC 9213): the lifetimes and
/// `must-revalidate` in a response's Cache-Control are for the clients' caches.
public struct StalePolicy: Sendable, Hashable {
    /// How long after its lifetime a response is served while it is refreshed (RFC 5861 section 3).
    ///
    /// The handler runs in the background if the framework lets it run after its request was answered. Otherwise one request runs it
    /// while the others receive the stale response, if ``SingleFlight`` is enabled.
    public var whileRevalidating: Duration

    /// How long after its lifetime a response is served instead of an error: a handler that throws, or a status of 500, 502, 503 or
    /// 504 (RFC 5861 section 4).
    public var ifError: Duration

    /// How early a response is refreshed in the background before its lifetime ends, so that no request finds it stale: 0 is never,
    /// 1 is the authors' recommendation, more is earlier.
    ///
    /// Each request starts a refresh with a probability that grows towards the end of the lifetime and with the time that the handler
    /// took (Vattani et al., Optimal Probabilistic Cache Stampede Prevention, VLDB 2015). It needs a framework that allows handlers in
    /// the background.
    public var earlyRefresh: Double

    /// Creates a policy; the default never uses a stale response.
    public init(whileRevalidating: Duration = .zero, ifError: Duration = .zero, earlyRefresh: Double = 0) {
        self.whileRevalidating = whileRevalidating
        self.ifError = ifError
        self.earlyRefresh = earlyRefresh
    }

    /// Responses are used only while they are fresh.
    public static let none = StalePolicy()

    /// How long after its lifetime a response is kept.
    var retention: Duration { max(.zero, max(whileRevalidating, ifError)) }
}
