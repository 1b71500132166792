import HTTPSemantics
import PipelineTesting
import Testing

@testable import BulkOperations

@Suite struct EndedLeaseTests {
    private static func end(
        _ cause: EndedLease.Cause, attempts: Int, interruptions: Int = 0, itemCount: Int = 4, isAtomic: Bool = false
    ) -> EndedLease {
        var request = OperationRequest(.create, of: "places")
        request.isAtomic = isAtomic
        let now = ManualTimeSource().now
        return EndedLease(
            BulkOperation(OperationID(at: now), request, createdAt: now), after: cause,
            of: EndedLease.Part(attempts: attempts, expiries: 0, interruptions: interruptions, itemCount: itemCount),
            BulkQueueSettings())
    }

    @Test func `A failing database is never an attempt`() {
        let end = Self.end(.database, attempts: 2, interruptions: 1000)
        #expect((end.attempts, end.interruptions) == (1, 1000))
        #expect(end.step == .wait(nanoseconds: 4_000_000_000))
    }

    @Test(arguments: [(0, 1, 1), (19, 1, 20), (20, 2, 20)])
    func `Twenty interruptions are no attempts`(before: Int, attempts: Int, after: Int) {
        let end = Self.end(.interruption, attempts: 2, interruptions: before)
        #expect((end.attempts, end.interruptions) == (attempts, after))
        #expect(end.step == (before < 20 ? .wait(nanoseconds: 4_000_000_000) : .halve))
    }

    @Test func `One item is recorded as failed, and one transaction fails`() {
        #expect(Self.end(.interruption, attempts: 2, interruptions: 20, itemCount: 1).step == .wait(nanoseconds: 0))
        #expect(Self.end(.interruption, attempts: 2, interruptions: 20, isAtomic: true).step == .skip(.database))
    }

    @Test(arguments: [EndedLease.Cause.database, .interruption])
    func `The record of a failure waits for the database`(cause: EndedLease.Cause) {
        let end = Self.end(cause, attempts: 3, interruptions: 20, itemCount: 1)
        #expect(end.attempts == 2, "the next lease is to record the failure too")
        #expect(end.step == .wait(nanoseconds: 4_000_000_000))
        #expect(Self.end(.interruption, attempts: 3, interruptions: 40, itemCount: 1).step == .skip(.database))
    }
}
