/// What may be done with an answer that is not fresh any more, and what is done before it gets there.
///
/// The lifetimes are the route's, and so is this policy. They are to this cache what a targeted field (RFC 9213) is: the ages and
/// `must-revalidate` in an answer's Cache-Control are for the caches of the clients.
public struct StalePolicy: Sendable, Hashable {
    /// For how long after its lifetime an answer is still given while a new one is made (RFC 5861 section 3).
    ///
    /// The new one is made in the background where the framework lets a handler run on after its request was answered.
    /// Elsewhere one request makes it while the others get the stale one, where ``SingleFlight`` is enabled.
    public var whileRevalidating: Duration

    /// For how long after its lifetime an answer is given in place of an error: a handler that throws, or a status of 500, 502,
    /// 503 or 504 (RFC 5861 section 4).
    public var ifError: Duration

    /// How eagerly an answer is made anew in the background before its lifetime ends, so that no request finds it stale; 0 is
    /// not at all, 1 is what the authors recommend, more is earlier.
    ///
    /// Each request refreshes with a probability that grows towards the end of the lifetime and with the time that the answer
    /// took to make (Vattani et al., Optimal Probabilistic Cache Stampede Prevention, VLDB 2015). Works where the framework
    /// allows handlers in the background.
    public var earlyRefresh: Double

    /// Creates a policy; the default never uses a stale answer.
    public init(whileRevalidating: Duration = .zero, ifError: Duration = .zero, earlyRefresh: Double = 0) {
        self.whileRevalidating = whileRevalidating
        self.ifError = ifError
        self.earlyRefresh = earlyRefresh
    }

    /// Answers are used while they are fresh.
    public static let none = StalePolicy()

    /// For how long after its lifetime an answer is of use.
    var retention: Duration { max(.zero, max(whileRevalidating, ifError)) }
}
