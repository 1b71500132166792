import HTTPSemantics
import Testing

@Suite struct TimestampTests {
    @Test func `Moments are moved and compared`() {
        let moment = Timestamp(nanoseconds: 5)
        #expect(moment + .seconds(2) == Timestamp(nanoseconds: 2_000_000_005))
        #expect(moment + .nanoseconds(-6) == Timestamp(nanoseconds: -1))
        #expect(moment < moment + .nanoseconds(1))
        #expect((moment + .milliseconds(3)) - moment == .milliseconds(3))
    }

    @Test func `A moment beyond the range stays at its end`() {
        #expect(Timestamp(nanoseconds: 5) + .seconds(Int64.max) == Timestamp(nanoseconds: .max))
        #expect(Timestamp(nanoseconds: .max) + .nanoseconds(1) == Timestamp(nanoseconds: .max))
        #expect(Timestamp(nanoseconds: -5) + .seconds(Int64.min) == Timestamp(nanoseconds: .min))
    }

    @Test func `The system's clock tells a time after this test was written`() {
        #expect(SystemTimeSource().now > Timestamp(nanoseconds: 1_760_000_000_000_000_000))
    }
}
