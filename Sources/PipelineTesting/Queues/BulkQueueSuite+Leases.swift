import BulkOperations
import Repositories
import Testing

extension BulkQueueSuite {
    func fencesExpiredLeases() async throws {
        let fixture = try await make()
        let operation = try await fixture.submit([["a", "b"]])
        let first = try #require(try await fixture.lease(by: "first"))
        fixture.time.advance(by: .seconds(29))
        #expect(try await fixture.lease(by: "second") == nil, "a chunk is leased once")
        fixture.time.advance(by: .seconds(2))
        // The delay before the second attempt.
        _ = try await fixture.lease(by: "second")
        fixture.time.advance(by: .seconds(1))
        let second = try #require(try await fixture.lease(by: "second"), "a lease expires")
        #expect(second.token > first.token)
        #expect(try await fixture.carryOut(first) == false, "the first worker writes nothing")
        #expect(try await fixture.names().isEmpty)
        #expect(try await fixture.queue.extend(first) == false)
        try await fixture.queue.acknowledge(first)
        try await fixture.queue.retry(first, after: FailedItems())
        #expect(try await fixture.current(operation)?.state == .running)
        #expect(try await fixture.carryOut(second))
        #expect(try await fixture.carryOut(first) == false)
        try await fixture.queue.acknowledge(first)
        #expect(try await fixture.current(operation)?.state == .running, "only the lease's holder acknowledges")
        try await fixture.queue.acknowledge(second)
        let ended = try #require(try await fixture.current(operation))
        #expect(ended.state == .completed)
        #expect(ended.counts.created == 2)
        for lease in [first, second] {
            #expect(try await fixture.carryOut(lease) == false, "nothing is written twice")
            try await fixture.queue.retry(lease, after: FailedItems())
            try await fixture.queue.acknowledge(lease)
        }
        #expect(try await fixture.names() == ["a", "b"])
        #expect(try await fixture.current(operation) == ended)
        // A worker that sleeps past its lease, which no other has taken.
        let next = try await fixture.submit([["c"]])
        let lease = try #require(try await fixture.lease())
        fixture.time.advance(by: .seconds(31))
        let isRecorded = try await fixture.carryOut(lease)
        try await fixture.queue.acknowledge(lease)
        try await fixture.work()
        #expect(try await fixture.names() == ["a", "b", "c"])
        #expect(
            try await fixture.current(next)?.counts.created == 1, "exactly once, recorded late or not: \(isRecorded)")
    }

    func extendsLeases() async throws {
        let fixture = try await make()
        try await fixture.submit([["a"]])
        let lease = try #require(try await fixture.lease())
        for _ in 0..<5 {
            fixture.time.advance(by: .seconds(20))
            #expect(try await fixture.queue.extend(lease))
            #expect(try await fixture.lease() == nil)
        }
        #expect(try await fixture.carryOut(lease))
        fixture.time.advance(by: .seconds(20))
        #expect(try await fixture.queue.extend(lease), "also while the worker invalidates cached responses")
        fixture.time.advance(by: .seconds(20))
        #expect(try await fixture.lease() == nil)
        try await fixture.queue.acknowledge(lease)
        #expect(try await fixture.queue.extend(lease) == false)
    }

    func repeatsTheAcknowledgement() async throws {
        let fixture = try await make()
        let operation = try await fixture.submit([["a"], ["b"]])
        let lease = try #require(try await fixture.lease())
        fixture.time.advance(by: .seconds(29))
        #expect(try await fixture.carryOut(lease))
        #expect(try await fixture.carryOut(lease) == false)
        let recorded = try #require(try await fixture.current(operation))
        #expect(recorded.counts.created == 1, "the counts are those of the rows")
        #expect(recorded.state == .running)
        // The worker ends here.
        fixture.time.advance(by: .seconds(29))
        let second = try #require(try await fixture.lease())
        #expect(!second.isRecorded, "the lease is as long from the outcome on")
        try await fixture.finish(second)
        #expect(try await fixture.lease() == nil)
        #expect(try await fixture.current(operation)?.state == .running, "an acknowledgement is missing")
        fixture.time.advance(by: .seconds(2))
        let repeated = try #require(try await fixture.lease())
        #expect(repeated.isRecorded)
        #expect(repeated.part == lease.part)
        #expect(try await fixture.carryOut(repeated) == false, "its items are not carried out again")
        #expect(try await fixture.lease() == nil)
        try await fixture.queue.acknowledge(lease)
        #expect(try await fixture.current(operation)?.state == .running)
        try await fixture.queue.acknowledge(repeated)
        #expect(try await fixture.current(operation)?.state == .completed)
        #expect(try await fixture.names() == ["a", "b"])
    }

    func retriesWithDelay() async throws {
        let fixture = try await make { $0.maximumAttemptCount = 4 }
        let operation = try await fixture.submit([["break"]])
        for (index, delay) in [1, 2, 4].enumerated() {
            let lease = try #require(try await fixture.lease())
            #expect(lease.attempt == index + 1)
            #expect(!lease.isHopeless)
            await #expect(throws: QueueFixture.Breakage.self) { try await fixture.carryOut(lease) }
            #expect(try await fixture.current(operation)?.isRetrying == false)
            try await fixture.queue.retry(lease, after: FailedItems())
            #expect(try await fixture.current(operation)?.isRetrying == true)
            #expect(try await fixture.queue.extend(lease) == false, "the lease has ended")
            fixture.time.advance(by: .milliseconds(delay * 1000 - 1))
            #expect(try await fixture.lease() == nil, "each delay is twice as long")
            fixture.time.advance(by: .milliseconds(1))
        }
        let lease = try #require(try await fixture.lease())
        #expect(lease.attempt == 4)
        #expect(try await fixture.current(operation)?.counts == operation.counts, "nothing was recorded")
    }
}
