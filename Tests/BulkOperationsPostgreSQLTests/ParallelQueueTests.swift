#if PostgreSQL
import Foundation
import HTTPPipeline
import NIOCore
import PipelineTesting
import PostgreSQLTransport
import Repositories
import RepositoriesPostgreSQL
import TestSupport
import Testing

@testable import BulkOperations
@testable import BulkOperationsPostgreSQL

/// Several workers on one queue.
@Suite(.enabled(if: PostgreSQLServer.isInstalled, PostgreSQLServer.skipReason), .timeLimit(.minutes(5)))
struct ParallelQueueTests {
    private let time = ManualTimeSource()

    @Test func `No chunk is leased twice`() async throws {
        let database = try await QueueDatabase()
        let queues = [
            try await PostgreSQLBulkQueue(in: database.client),
            try await PostgreSQLBulkQueue(in: try database.connect()),
        ]
        let id = try await queues[0].submit((0..<150).map { ["a\($0)", "b\($0)"] }, at: SystemTimeSource())
        let parts = try await withThrowingTaskGroup(of: [Int].self) { group in
            for worker in 0..<6 {
                let queue = queues[worker % 2]
                let repository = PostgreSQLRepository(RepositorySuite.fields, in: queue.client)
                group.addTask {
                    var parts: [Int] = []
                    while let lease = try await queue.lease(by: "\(worker)", of: ["places"]) {
                        parts.append(lease.part)
                        #expect(try await queue.carryOut(lease, on: repository, namedRows))
                        try await queue.acknowledge(lease)
                    }
                    return parts
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(parts.sorted() == Array(0..<150))
        let ended = try #require(try await queues[0].operation(id))
        #expect(ended.state == .completed, "one of the last acknowledgements ends the operation")
        #expect(ended.counts.created == 300)
        #expect(try await database.integer("SELECT count(DISTINCT name) FROM suite_places") == 300)
    }

    @Test func `The last acknowledgements end the operation`() async throws {
        let database = try await QueueDatabase()
        let queue = try await PostgreSQLBulkQueue(in: database.client, clock: time)
        for round in 0..<20 {
            let id = try await queue.submit((0..<4).map { ["\(round) \($0)"] }, at: time)
            var leases: [ChunkLease] = []
            while let lease = try await queue.lease(by: "w", of: ["places"]) {
                #expect(try await queue.carryOut(lease, on: database.repository, namedRows))
                leases.append(lease)
            }
            try await withThrowingTaskGroup { group in
                for lease in leases { group.addTask { try await queue.acknowledge(lease) } }
                try await group.waitForAll()
            }
            #expect(try await queue.operation(id)?.state == .completed)
        }
    }

    @Test func `Transactions of the queue do not deadlock`() async throws {
        let database = try await QueueDatabase()
        var settings = BulkQueueSettings()
        settings.leaseDuration = .milliseconds(20)
        settings.retryDelay = .zero
        settings.retention = .zero
        let queue = try await PostgreSQLBulkQueue(in: database.client, settings: settings)
        try await withThrowingTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    var random = SeededGenerator(seed: UInt64(task))
                    var ids: [OperationID] = []
                    for round in 0..<60 {
                        if round % 10 == 0 {
                            let chunks = (0..<6).map { ["\(task) \(round) \($0)", "\(round)"] }
                            ids.append(
                                try await queue.submit(chunks, for: "\(task % 3)", at: SystemTimeSource()) {
                                    $0.maximumErrorCount = 2
                                })
                        }
                        if let lease = try await queue.lease(by: "w", of: ["places"]) {
                            // Some outcomes come after the lease has expired.
                            switch Int.random(in: 0..<4, using: &random) {
                            case 0: try await queue.retry(lease, after: CancellationError())
                            case 1: break
                            default:
                                if try await queue.carryOut(lease, on: database.repository, namedRows) {
                                    try await queue.acknowledge(lease)
                                }
                            }
                        }
                        if round % 25 == 24, let id = ids.randomElement(using: &random) {
                            _ = try await queue.cancel(id)
                        }
                        if round % 20 == 19 { try await queue.removeExpired() }
                    }
                }
            }
            // A deadlock is an error.
            try await group.waitForAll()
        }
        try await eventually {
            while let lease = try await queue.lease(by: "w", of: ["places"]) {
                var isRecorded = lease.isRecorded
                if !isRecorded { isRecorded = try await queue.carryOut(lease, on: database.repository, namedRows) }
                if isRecorded { try await queue.acknowledge(lease) }
            }
            return try await queue.depth() == 0
        }
        #expect(
            try await database.integer("SELECT count(*) FROM bulk_operations WHERE finished_at IS NULL") == 0,
            "no operation is stuck")
    }

    @Test func `A worker that sleeps in its transaction loses it`() async throws {
        let database = try await QueueDatabase()
        var settings = BulkQueueSettings()
        settings.leaseDuration = .milliseconds(300)
        settings.retryDelay = .milliseconds(1)
        let queue = try await PostgreSQLBulkQueue(in: database.client, settings: settings)
        let id = try await queue.submit([["a"]], at: SystemTimeSource())
        let sleeper = try #require(try await queue.lease(by: "sleeper", of: ["places"]))
        let isDone = DispatchSemaphore(value: 0)
        try await withThrowingTaskGroup { group in
            group.addTask {
                // The rows are written when the outcome is asked for.
                let isRecorded = try? await queue.carryOut(sleeper, on: database.repository) { part in
                    let work = namedRows(part)
                    return ChunkWork(work.writes) { results in
                        isDone.wait()
                        return work.outcome(results)
                    }
                }
                #expect(isRecorded != true)
            }
            var next: ChunkLease?
            try await eventually {
                next = try await queue.lease(by: "other", of: ["places"])
                return next != nil
            }
            let lease = try #require(next)
            #expect(try await queue.carryOut(lease, on: database.repository, namedRows))
            try await queue.acknowledge(lease)
            isDone.signal()
            try await group.waitForAll()
        }
        #expect(try await queue.operation(id)?.counts.created == 1)
        #expect(try await queue.operation(id)?.state == .completed)
        #expect(try await database.integer("SELECT count(*) FROM suite_places") == 1)
    }

    @Test(arguments: [false, true])
    func `A transaction whose operation is cancelled is undone`(isAtomic: Bool) async throws {
        let database = try await QueueDatabase()
        let queue = try await PostgreSQLBulkQueue(in: database.client, clock: time)
        let id = try await queue.submit([["a"], ["b"]], at: time) { $0.isAtomic = isAtomic }
        let lease = try #require(try await queue.lease(by: "w", of: ["places"]))
        let (isWriting, isCancelled) = (OperationChanges(), DispatchSemaphore(value: 0))
        try await withThrowingTaskGroup { group in
            group.addTask {
                let isRecorded = try await queue.carryOut(lease, on: database.repository) { part in
                    let work = namedRows(part)
                    return ChunkWork(work.writes) { results in
                        isWriting.notify()
                        isCancelled.wait()
                        return work.outcome(results)
                    }
                }
                #expect(!isRecorded)
            }
            await isWriting.wait(after: 0, upTo: .seconds(60))
            #expect(try await queue.cancel(id)?.state == .cancelling)
            for _ in 0..<2 { isCancelled.signal() }
            try await group.waitForAll()
        }
        #expect(try await database.integer("SELECT count(*) FROM suite_places") == 0)
        #expect(try await database.integer("SELECT count(*) FROM bulk_outcomes") == 0)
        try await queue.retry(lease, after: CancellationError())
        let ended = try #require(try await queue.operation(id))
        #expect(ended.state == .cancelled)
        #expect(ended.counts.processed == 0)
    }

    @Test func `Extending a lease does not wait for its transaction`() async throws {
        let database = try await QueueDatabase()
        let queue = try await PostgreSQLBulkQueue(in: database.client, clock: time)
        _ = try await queue.submit([["a"]], at: time)
        let lease = try #require(try await queue.lease(by: "w", of: ["places"]))
        let (isWriting, isDone) = (OperationChanges(), DispatchSemaphore(value: 0))
        try await withThrowingTaskGroup { group in
            group.addTask {
                _ = try await queue.carryOut(lease, on: database.repository) { part in
                    let work = namedRows(part)
                    return ChunkWork(work.writes) { results in
                        isWriting.notify()
                        isDone.wait()
                        return work.outcome(results)
                    }
                }
            }
            await isWriting.wait(after: 0, upTo: .seconds(60))
            time.advance(by: .seconds(31))
            #expect(try await queue.extend(lease))
            #expect(try await queue.lease(by: "other", of: ["places"]) == nil, "the part is locked")
            isDone.signal()
            try await group.waitForAll()
        }
        #expect(try await queue.extend(lease))
        try await queue.acknowledge(lease)
        #expect(try await queue.extend(lease) == false)
    }
}
#endif
