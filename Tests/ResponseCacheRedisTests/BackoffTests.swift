import Testing

@testable import ResponseCacheRedis

@Suite struct BackoffTests {
    @Test func `Pauses double up to the limit and restart after a long connection`() {
        var backoff = Backoff(base: .milliseconds(50), limit: .milliseconds(300))
        let pauses = (0..<5).map { _ in backoff.failed(random: 1) }
        #expect(pauses == [50, 100, 200, 300, 300].map { .milliseconds($0) })
        backoff.ended(after: .milliseconds(300))
        #expect(backoff.failed(random: 1) == .milliseconds(50))
    }

    @Test func `Pauses go on growing when connections end soon`() {
        var backoff = Backoff(base: .milliseconds(50), limit: .milliseconds(300))
        let pauses = (0..<5).map { _ in
            backoff.ended(after: .milliseconds(299))
            return backoff.failed(random: 1)
        }
        #expect(pauses == [50, 100, 200, 300, 300].map { .milliseconds($0) })
    }

    @Test(arguments: [(0.0, 25), (0.5, 37.5), (1.0, 50)])
    func `Chance takes off up to half`(random: Double, milliseconds: Double) {
        var backoff = Backoff(base: .milliseconds(50), limit: .seconds(5))
        #expect(backoff.failed(random: random) == .milliseconds(milliseconds))
    }

    @Test func `Any number of failures is fine`() {
        var backoff = Backoff(base: .milliseconds(50), limit: .seconds(5))
        for _ in 0..<10_000 { _ = backoff.failed(random: 0.5) }
        #expect(backoff.failed(random: 1) == .seconds(5))
    }
}
