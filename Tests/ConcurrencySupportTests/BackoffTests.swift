import ConcurrencySupport
import Testing

@Suite struct BackoffTests {
    @Test func `Delays double up to the limit`() {
        var backoff = Backoff(base: .milliseconds(50), limit: .milliseconds(300))
        let delays = (0..<5).map { _ in backoff.nextDelay(random: 1) }
        #expect(delays == [50, 100, 200, 300, 300].map { .milliseconds($0) })
    }

    @Test func `A long connection resets the delay`() {
        var backoff = Backoff(base: .milliseconds(50), limit: .milliseconds(300))
        for _ in 0..<5 { _ = backoff.nextDelay(random: 1) }
        backoff.connectionEnded(after: .milliseconds(300))
        #expect(backoff.nextDelay(random: 1) == .milliseconds(50))
    }

    @Test func `Short connections do not reset the delay`() {
        var backoff = Backoff(base: .milliseconds(50), limit: .milliseconds(300))
        let delays = (0..<5).map { _ in
            backoff.connectionEnded(after: .milliseconds(299))
            return backoff.nextDelay(random: 1)
        }
        #expect(delays == [50, 100, 200, 300, 300].map { .milliseconds($0) })
    }

    @Test(arguments: [(0.0, 25), (0.5, 37.5), (1.0, 50)])
    func `Jitter subtracts up to half of the delay`(random: Double, milliseconds: Double) {
        var backoff = Backoff(base: .milliseconds(50), limit: .seconds(5))
        #expect(backoff.nextDelay(random: random) == .milliseconds(milliseconds))
    }

    @Test func `The delay does not overflow after many failures`() {
        var backoff = Backoff(base: .milliseconds(50), limit: .seconds(5))
        for _ in 0..<10_000 { _ = backoff.nextDelay(random: 0.5) }
        #expect(backoff.nextDelay(random: 1) == .seconds(5))
    }
}
