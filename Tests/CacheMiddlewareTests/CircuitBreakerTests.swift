import Testing

@testable import CacheMiddleware

@Suite struct CircuitBreakerTests {
    /// The event of a breaker that opens at the second failure for ten seconds, and its second.
    enum Event: Sendable {
        case succeeds(Int), succeedsSlowly(Int), fails(Int)
    }

    /// The events, and the second at which the breaker allows a probe; nil when it is closed.
    @Test(
        arguments: [
            ([], nil),
            ([.fails(0)], nil),
            ([.fails(0), .fails(1)], 11),
            ([.fails(0), .succeeds(1), .fails(2)], nil),
            ([.fails(0), .succeedsSlowly(1), .fails(2)], 12),
            ([.succeedsSlowly(0), .succeedsSlowly(1), .succeedsSlowly(2)], nil),
            ([.fails(0), .fails(1), .fails(5)], 15),
            ([.fails(0), .fails(1), .succeeds(12)], nil),
            ([.fails(0), .fails(1), .succeedsSlowly(12)], 22),
            ([.fails(0), .fails(1), .succeedsSlowly(12), .succeeds(23)], nil),
        ] as [([Event], Int?)])
    func `The breaker opens after consecutive failures`(events: [Event], end: Int?) {
        // It closes after a quick success.
        var breaker = CircuitBreaker(BreakerSettings(failureThreshold: 2, pause: .seconds(10)))
        var last = 0
        for event in events {
            switch event {
            case .succeeds(let second):
                _ = breaker.allows(at: .seconds(second))
                breaker.succeeded(slowly: false, at: .seconds(second))
                last = second
            case .succeedsSlowly(let second):
                _ = breaker.allows(at: .seconds(second))
                breaker.succeeded(slowly: true, at: .seconds(second))
                last = second
            case .fails(let second):
                _ = breaker.failed(at: .seconds(second))
                last = second
            }
        }
        let end = end.map(Duration.seconds)
        let isAllowedBefore = breaker.allows(at: (end ?? .seconds(last)) - .milliseconds(1))
        let isAllowed = breaker.allows(at: end ?? .seconds(last))
        let isAllowedTwice = breaker.allows(at: end ?? .seconds(last))
        #expect(isAllowedBefore == (end == nil))
        #expect(isAllowed)
        #expect(isAllowedTwice == (end == nil), "one request probes, and the others skip the store")
    }
}
