import HTTPSemantics
import Testing

@Suite struct TimestampTests {
    @Test func `Timestamps are added to and compared`() {
        let moment = Timestamp(nanoseconds: 5)
        #expect(moment + .seconds(2) == Timestamp(nanoseconds: 2_000_000_005))
        #expect(moment + .nanoseconds(-6) == Timestamp(nanoseconds: -1))
        #expect(moment < moment + .nanoseconds(1))
        #expect((moment + .milliseconds(3)) - moment == .milliseconds(3))
    }

    @Test func `Arithmetic saturates at the end of the range`() {
        #expect(Timestamp(nanoseconds: 5) + .seconds(Int64.max) == Timestamp(nanoseconds: .max))
        #expect(Timestamp(nanoseconds: .max) + .nanoseconds(1) == Timestamp(nanoseconds: .max))
        #expect(Timestamp(nanoseconds: -5) + .seconds(Int64.min) == Timestamp(nanoseconds: .min))
    }

    @Test func `The system clock is later than this test`() {
        #expect(SystemTimeSource().now > Timestamp(nanoseconds: 1_760_000_000_000_000_000))
    }
}
