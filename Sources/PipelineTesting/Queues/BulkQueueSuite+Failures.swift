import BulkOperations
import Repositories
import Testing

extension BulkQueueSuite {
    func halvesFailingChunks() async throws {
        let fixture = try await make()
        var names = (0..<20).map { "n\($0 + 10)" }
        names[7] = "break 7"
        names[8] = "n10"
        names[19] = "break 19"
        let operation = try await fixture.submit([Array(names[..<12]), Array(names[12...])])
        try await fixture.work()
        let ended = try #require(try await fixture.current(operation))
        #expect(ended.state == .completed)
        #expect(ended.counts.created == 17)
        #expect(ended.counts.failed == 3)
        #expect(ended.counts.processed == ended.counts.total)
        #expect(try await fixture.names() == names.filter { !$0.hasPrefix("break") }.sorted().uniqued())
        let parts = try await fixture.parts(operation)
        let failures = parts.flatMap { $0.outcome?.failures ?? [] }
        #expect(failures.map(\.index) == [7, 8, 19], "of the items that fail, and no others")
        #expect(failures.map(\.code) == ["poison", "duplicate", "poison"])
        let indexes = parts.flatMap { $0.outcome?.successes.map(\.index) ?? [] } + failures.map(\.index)
        #expect(indexes.sorted() == Array(0..<20), "each item has one outcome")
        var next = 0
        for part in parts.map(\.part) {
            #expect(part.chunk.firstIndex + part.items.lowerBound == next, "the parts are the items, in order")
            next = part.chunk.firstIndex + part.items.upperBound
        }
        #expect(next == 20)
    }

    func endsOperationsOfFailingDatabases() async throws {
        let fixture = try await make()
        let operation = try await fixture.submit([["a"], ["b"]])
        // The attempts fail, and so does the record of the failure.
        for _ in 0..<3 {
            let lease = try #require(try await fixture.lease())
            #expect(lease.items == 0..<1)
            try await fixture.queue.retry(lease, after: FailedItems())
            fixture.time.advance(by: .seconds(10))
        }
        let ended = try #require(try await fixture.current(operation))
        #expect(ended.state == .failed)
        #expect(ended.reason == .database)
        let atomic = try await fixture.submit([["c"], ["break"]]) { $0.isAtomic = true }
        try await fixture.work()
        #expect(try await fixture.current(atomic)?.state == .failed)
        #expect(try await fixture.current(atomic)?.reason == .database)
        #expect(try await fixture.names().isEmpty)
    }

    func forgivesWorkersThatStop() async throws {
        for isAtomic in [false, true] {
            let fixture = try await make()
            let operation = try await fixture.submit([["a"]]) { $0.isAtomic = isAtomic }
            for _ in 0..<3 {
                let lease = try #require(try await fixture.lease())
                #expect(!lease.isHopeless)
                fixture.time.advance(by: .seconds(31))
                _ = try await fixture.lease()
                fixture.time.advance(by: .seconds(1))
            }
            try await fixture.work()
            #expect(try await fixture.current(operation)?.counts.created == 1, "processes end for other reasons too")
        }
        // An item that ends each process.
        let fixture = try await make()
        let operation = try await fixture.submit([["a", "b"]])
        for _ in 0..<100 {
            guard let lease = try await fixture.lease() else {
                fixture.time.advance(by: .seconds(1))
                continue
            }
            if lease.isHopeless || !lease.items.contains(0) {
                try await fixture.finish(lease)
            } else {
                fixture.time.advance(by: .seconds(31))
            }
        }
        let ended = try #require(try await fixture.current(operation))
        #expect(ended.state == .completed)
        #expect((ended.counts.created, ended.counts.failed) == (1, 1))
    }

    func countsOutcomes() async throws {
        let fixture = try await make()
        let operation = try await fixture.submit([["a", "b", "a"], ["b", "c"]])
        let first = try #require(try await fixture.lease())
        #expect(first.itemCount == 3)
        try await fixture.finish(first)
        var current = try #require(try await fixture.current(operation))
        #expect((current.counts.created, current.counts.failed) == (2, 1))
        #expect(current.state == .running)
        #expect(current.revision > operation.revision, "each change has a revision")
        let revision = current.revision
        try await fixture.work()
        current = try #require(try await fixture.current(operation))
        #expect((current.counts.created, current.counts.failed) == (3, 2))
        #expect(current.counts.processed == 5)
        #expect(current.state == .completed && current.reason == nil)
        #expect(current.finishedAt != nil)
        #expect(current.revision > revision)
    }

    func writesAllOrNothing() async throws {
        let fixture = try await make()
        let refused = try await fixture.submit([["a", "b"], ["c", "a"], ["d", "b"]]) { $0.isAtomic = true }
        let lease = try #require(try await fixture.lease())
        #expect(try await fixture.lease() == nil, "one lease is for all chunks")
        try await fixture.finish(lease)
        let failed = try #require(try await fixture.current(refused))
        #expect(failed.state == .failed)
        #expect(failed.reason == .atomic)
        #expect(failed.counts.failed == 2)
        #expect(failed.counts.processed == 2)
        #expect(try await fixture.names().isEmpty, "nothing was written")
        let outcomes = try await fixture.parts(refused).map(\.outcome)
        #expect(outcomes.flatMap { $0?.failures.map(\.index) ?? [] } == [3, 5], "all failures are reported")
        #expect(outcomes.allSatisfy { $0?.successes.isEmpty != false })
        let written = try await fixture.submit([["a", "b"], ["c"]]) { $0.isAtomic = true }
        try await fixture.work()
        #expect(try await fixture.current(written)?.state == .completed)
        #expect(try await fixture.current(written)?.counts.created == 3)
        #expect(try await fixture.names() == ["a", "b", "c"])
        #expect(try await fixture.parts(written).flatMap { $0.outcome?.successes.map(\.index) ?? [] } == [0, 1, 2])
        // A worker that has lost the lease writes nothing of any chunk.
        try await fixture.submit([["x"], ["y"]]) { $0.isAtomic = true }
        let lost = try #require(try await fixture.lease())
        fixture.time.advance(by: .seconds(31))
        #expect(try await fixture.lease() == nil)
        fixture.time.advance(by: .seconds(1))
        let next = try #require(try await fixture.lease())
        #expect(try await fixture.carryOut(lost) == false)
        #expect(try await fixture.names() == ["a", "b", "c"])
        try await fixture.finish(next)
        #expect(try await fixture.names() == ["a", "b", "c", "x", "y"])
    }

    func undoesDryRuns() async throws {
        for (isAtomic, maximum) in [(false, nil), (true, nil), (false, 1), (true, 1), (false, 2)] as [(Bool, Int?)] {
            let fixture = try await make()
            var ended: [BulkOperation] = []
            for isDryRun in [true, false] {
                let operation = try await fixture.submit([["a", "b", "a"], ["b", "c"], ["d"]]) {
                    $0.isDryRun = isDryRun
                    $0.isAtomic = isAtomic
                    $0.maximumErrorCount = maximum
                }
                try await fixture.work()
                if isDryRun {
                    #expect(try await fixture.names().isEmpty, "nothing stays")
                    let outcomes = try await fixture.parts(operation).compactMap(\.outcome)
                    #expect(outcomes.allSatisfy { $0.successes.isEmpty }, "nor do keys of rows that are not there")
                    #expect(outcomes.flatMap(\.failures).map(\.index) == [2, 3])
                }
                ended.append(try #require(try await fixture.current(operation)))
            }
            #expect(ended[0].counts == ended[1].counts, "a dry run counts what the run counts")
            #expect(ended[0].state == ended[1].state)
            #expect(ended[0].reason == ended[1].reason)
            #expect(try await fixture.names().isEmpty == isAtomic)
        }
    }
}

extension [String] {
    fileprivate func uniqued() -> [String] {
        reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    }
}
