#if GRDB
import BulkOperations
import BulkOperationsSQLite
import GRDB
import HTTPPipeline
import NIOCore
import PipelineTesting
import Repositories
import RepositoriesSQLite
import Synchronization
import Testing

/// A queue with many operations and chunks.
@Suite struct QueueScaleTests {
    private let time = ManualTimeSource()

    /// Submits chunks of 5000 items, which are not read.
    private func submit(
        _ chunkCount: Int, itemCount: Int = 5000, for user: String, to queue: SQLiteBulkQueue
    ) async throws -> OperationID {
        let request = OperationRequest(.create, of: "people", for: user)
        let id = OperationID(at: time.now)
        try await queue.open(BulkOperation(id, request, createdAt: time.now), idempotencyKey: user)
        for number in 0..<chunkCount {
            try await queue.append(
                OperationChunk(
                    number: number, firstIndex: number * itemCount, itemCount: itemCount,
                    bytes: ByteBuffer(string: "[]")), to: id)
        }
        _ = try await queue.submit(request, as: id, fingerprint: nil)
        return id
    }

    @Test func `Ten rows do not wait for another user's million`() async throws {
        let queue = try SQLiteBulkQueue(in: DatabaseQueue(), clock: time)
        let large = try await submit(200, for: "ann", to: queue)
        #expect(try await queue.operation(large)?.counts.total == 1_000_000)
        for round in 0..<16 {
            let small = try await submit(1, itemCount: 10, for: "bob \(round)", to: queue)
            let first = try #require(try await queue.lease(by: "w", of: ["people"]))
            if first.operation.id == small { continue }
            // Now and then the oldest operation has its turn.
            #expect(round % 8 == 7)
            #expect(try await queue.lease(by: "w", of: ["people"])?.operation.id == small)
            // The turns start over with the next round.
            for _ in 0..<7 { _ = try await queue.lease(by: "w", of: ["people"]) }
        }
        let next = try #require(try await queue.lease(by: "w", of: ["people"]))
        #expect(next.operation.id == large)
    }

    @Test func `Every look-up of the queue uses an index`() async throws {
        let statements = Mutex<Set<String>>([])
        var configuration = Configuration()
        configuration.prepareDatabase { db in
            db.trace { event in
                if case .statement(let statement) = event { statements.withLock { _ = $0.insert(statement.sql) } }
            }
        }
        let database = try DatabaseQueue(configuration: configuration)
        try await database.write { db in
            for statement in RepositorySuite.schema { try db.execute(sql: statement) }
        }
        let queue = try SQLiteBulkQueue(in: database, clock: time)
        let repository = SQLiteRepository(RepositorySuite.fields, in: database)
        statements.withLock { $0 = [] }
        try await useEverything(queue, repository)
        let texts = statements.withLock { $0 }.filter { text in
            text.contains("bulk_") && ["SELECT", "UPDATE", "DELETE"].contains { text.hasPrefix($0) }
        }
        #expect(texts.count > 25)
        for text in texts.sorted() {
            let steps = try await database.read { db in
                try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(text)", arguments: arguments(of: text)).map {
                    $0["detail"] as String
                }
            }
            for step in steps { #expect(isCheap(step, in: text), "\(step) in \(text)") }
        }
    }

    private func arguments(of text: String) -> StatementArguments {
        let count = text.count { $0 == "?" }
        return StatementArguments([DatabaseValue](repeating: .null, count: count))
    }

    private func isCheap(_ step: String, in text: String) -> Bool {
        // Operations that have not ended, of which each user has a limited number.
        if step.hasPrefix("SCAN bulk_operations USING INDEX bulk_operations_unfinished") { return true }
        // One row, and one row for each user.
        if step.hasPrefix("SCAN bulk_queue") || step.hasPrefix("SCAN bulk_users") { return true }
        // The choice between operations that have not ended.
        if step == "USE TEMP B-TREE FOR ORDER BY" { return text.contains("JOIN bulk_users") }
        return !step.hasPrefix("SCAN") || step == "SCAN CONSTANT ROW"
    }

    /// Uses all functions of a queue.
    private func useEverything(_ queue: SQLiteBulkQueue, _ repository: SQLiteRepository) async throws {
        for (index, user) in ["ann", "bob", "cid"].enumerated() {
            let id = try await submit(3, for: user, to: queue)
            let lease = try #require(try await queue.lease(by: "w", of: ["people"]))
            #expect(try await queue.extend(lease))
            switch index {
            case 0:
                let work = ChunkWork([]) { _ in ChunkOutcome() }
                #expect(try await queue.carryOut(lease, on: repository) { _ in work })
                try await queue.acknowledge(lease)
            case 1:
                try await queue.retry(lease, after: CancellationError())
                time.advance(by: .seconds(31))
                while try await queue.lease(by: "w", of: ["people"]) != nil { time.advance(by: .seconds(31)) }
            default: _ = try await queue.cancel(id)
            }
            _ = try await queue.operation(id)
            _ = try await queue.operations(of: user, state: .queued, before: id, limit: 10)
            var query = PartQuery(of: id)
            _ = try await queue.parts(query)
            (query.hasFailures, query.includesItems) = (true, true)
            _ = try await queue.parts(query)
            time.advance(by: .seconds(1))
        }
        let request = OperationRequest(.create, of: "people", for: "dan")
        let upload = BulkOperation(OperationID(at: time.now), request, createdAt: time.now)
        try await queue.open(upload, idempotencyKey: nil)
        try await queue.discard(upload.id)
        time.advance(by: .seconds(1_000_000))
        try await queue.removeExpired()
    }
}
#endif
