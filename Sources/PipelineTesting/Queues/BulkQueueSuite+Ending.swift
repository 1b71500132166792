import BulkOperations
import NIOCore
import Repositories
import Synchronization
import Testing

extension BulkQueueSuite {
    func endsAfterTooManyErrors() async throws {
        let fixture = try await make()
        let operation = try await fixture.submit([["a", "a"], ["b", "b"], ["c", "c"]]) { $0.maximumErrorCount = 1 }
        #expect(try await fixture.work() == 2)
        let ended = try #require(try await fixture.current(operation))
        #expect(ended.state == .failed)
        #expect(ended.reason == .tooManyErrors)
        #expect((ended.counts.created, ended.counts.failed, ended.counts.total) == (2, 2, 6))
        #expect(try await fixture.names() == ["a", "b"], "what was written stays")
        #expect(try await fixture.parts(operation).map { $0.outcome == nil } == [false, false, true])
        let tolerant = try await fixture.submit([["c", "c"]]) { $0.maximumErrorCount = 1 }
        try await fixture.work()
        #expect(try await fixture.current(tolerant)?.state == .completed, "as many as permitted is not too many")
        let last = try await fixture.submit([["c", "d"]]) { $0.maximumErrorCount = 0 }
        try await fixture.work()
        #expect(try await fixture.current(last)?.reason == .tooManyErrors, "also after the last chunk")
    }

    func cancels() async throws {
        let fixture = try await make()
        let operation = try await fixture.submit([["a"], ["b"]])
        try await fixture.finish(try #require(try await fixture.lease()))
        let cancelled = try #require(try await fixture.queue.cancel(operation.id))
        #expect(cancelled.state == .cancelled, "nothing is leased, so it ends at once")
        #expect(cancelled.finishedAt == fixture.time.now)
        #expect(cancelled.counts.created == 1)
        #expect(try await fixture.work() == 0)
        #expect(try await fixture.names() == ["a"], "what was written stays")
        #expect(try await fixture.queue.cancel(operation.id) == cancelled)
        let queued = try await fixture.submit([["c"]]) { $0.isAtomic = true }
        #expect(try await fixture.queue.cancel(queued.id)?.state == .cancelled)
        let completed = try await fixture.submit([["d"]])
        try await fixture.work()
        #expect(try await fixture.queue.cancel(completed.id)?.state == .completed, "what has ended is not cancelled")
        #expect(try await fixture.queue.cancel(OperationID(at: fixture.time.now)) == nil)
        let waiting = try await fixture.submit([["break"]])
        try await fixture.finish(try #require(try await fixture.lease()))
        #expect(try await fixture.queue.cancel(waiting.id)?.state == .cancelled, "also between two attempts")
        #expect(try await fixture.work() == 0)
    }

    func cancelsLeasedChunks() async throws {
        let fixture = try await make()
        for isOneTransaction in [false, true] {
            let operation = try await fixture.submit([["a"], ["b"]]) { $0.isAtomic = isOneTransaction }
            let lease = try #require(try await fixture.lease())
            #expect(try await fixture.queue.cancel(operation.id)?.state == .cancelling)
            #expect(try await fixture.lease() == nil)
            #expect(try await fixture.carryOut(lease) == false, "a cancelled operation writes nothing")
            try await fixture.queue.retry(lease, after: FailedItems())
            #expect(try await fixture.current(operation)?.state == .cancelled)
            #expect(try await fixture.names().isEmpty)
        }
        let recorded = try await fixture.submit([["a"], ["b"]])
        let lease = try #require(try await fixture.lease())
        #expect(try await fixture.carryOut(lease))
        #expect(try await fixture.queue.cancel(recorded.id)?.state == .cancelling, "cached responses are still there")
        try await fixture.queue.acknowledge(lease)
        let ended = try #require(try await fixture.current(recorded))
        #expect(ended.state == .cancelled)
        #expect(ended.counts.created == 1)
        #expect(try await fixture.names() == ["a"])
        // The worker of a cancelled operation ends without a word, before or after the outcome.
        for isRecorded in [false, true] {
            let operation = try await fixture.submit([["x \(isRecorded)"]])
            let lease = try #require(try await fixture.lease())
            if isRecorded { #expect(try await fixture.carryOut(lease)) }
            _ = try await fixture.queue.cancel(operation.id)
            fixture.time.advance(by: .seconds(31))
            try await fixture.work()
            #expect(try await fixture.current(operation)?.state == .cancelled)
        }
        #expect(try await fixture.names() == ["a", "x true"])
    }

    func cancelsDuringTransactions() async throws {
        for isAtomic in [false, true] {
            let fixture = try await make()
            let queue = fixture.queue
            let operation = try await fixture.submit([["a"], ["b"]]) { $0.isAtomic = isAtomic }
            let lease = try #require(try await fixture.lease())
            let cancellation = Cancellation()
            let isRecorded = try await queue.carryOut(lease, on: fixture.repository) { part in
                let work = try QueueFixture.work(part, isHopeless: false)
                return ChunkWork(work.writes) { results in
                    // The rows are written, and not committed. A queue may make the cancellation wait for the commit.
                    cancellation.start { _ = try await queue.cancel(operation.id) }
                    return work.outcome(results)
                }
            }
            try await cancellation.wait()
            let names = try await fixture.names()
            #expect(names.isEmpty == !isRecorded, "what was written stays if it is recorded, and is undone otherwise")
            #expect(try await fixture.current(operation)?.state == .cancelling)
            if isRecorded {
                try await queue.acknowledge(lease)
            } else {
                try await queue.retry(lease, after: FailedItems())
            }
            let ended = try #require(try await fixture.current(operation))
            #expect(ended.state == .cancelled)
            #expect(ended.counts.created == names.count)
            #expect(try await fixture.work() == 0)
            #expect(try await fixture.names() == names)
        }
    }

    func readsParts() async throws {
        let fixture = try await make()
        let operation = try await fixture.submit([["a", "b"], ["c", "a"], ["d", "e"], ["e"]])
        try await fixture.submit([["other"]])
        try await fixture.work()
        let first = try await fixture.parts(operation) { $0.limit = 2 }
        #expect(first.map(\.part.chunk.number) == [0, 1])
        #expect(first.map(\.part.items) == [0..<2, 0..<2])
        #expect(first.map(\.part.chunk.firstLine) == [1, 3])
        #expect(first.allSatisfy { $0.part.chunk.bytes.readableBytes == 0 }, "without items there are no bytes")
        #expect(first[0].outcome?.successes.map(\.index) == [0, 1])
        #expect(first[1].outcome?.failures.first?.errors == ["name": ["failed"]])
        #expect(first[1].outcome?.failures.first?.line == 4)
        let items = try await fixture.parts(operation) {
            $0.includesItems = true
            $0.firstIndex = 3
        }
        #expect(items.map { String(buffer: $0.part.chunk.bytes) } == ["c\na", "d\ne", "e"])
        let failed = try await fixture.parts(operation) { $0.hasFailures = true }
        #expect(failed.map(\.part.chunk.number) == [1, 3])
        #expect(try await fixture.parts(operation) { $0.firstIndex = 7 }.isEmpty)
        let later = try await fixture.parts(operation) {
            $0.hasFailures = true
            $0.firstIndex = 4
            $0.limit = 1
        }
        #expect(later.map(\.part.chunk.number) == [3])
        let key = try #require(first[0].outcome?.successes.first?.key)
        #expect(try await fixture.repository.values(["name"], of: key) == ["a"], "successes have the key of their row")
    }
}

/// A call that runs beside a transaction.
private final class Cancellation: Sendable {
    private let task = Mutex<Task<Void, any Error>?>(nil)

    /// Starts the call unless it has been started.
    func start(_ call: @escaping @Sendable () async throws -> Void) {
        task.withLock { if $0 == nil { $0 = Task { try await call() } } }
    }

    /// Waits until the call has returned.
    func wait() async throws {
        try await #require(task.withLock(\.self)).value
    }
}
