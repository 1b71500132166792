#if GRDB
import BulkOperationsSQLite
import Foundation
import GRDB
import HTTPPipeline
import HTTPSemantics
import NIOCore
import PipelineTesting
import Repositories
import RepositoriesSQLite
import Testing

@testable import BulkOperations

@Suite struct QueueTests {
    @Test func `Tables are created once`() throws {
        let database = try DatabaseQueue()
        for _ in 0..<2 { _ = try SQLiteBulkQueue(in: database) }
        let count = try database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM bulk_queue") }
        #expect(count == 1)
    }

    @Test func `Tables of a later version are refused`() throws {
        let database = try DatabaseQueue()
        _ = try SQLiteBulkQueue(in: database)
        try database.write { try $0.execute(sql: "UPDATE bulk_versions SET version = 1000") }
        #expect(throws: (any Error).self) { try SQLiteBulkQueue(in: database) }
    }

    @Test(arguments: [
        (ResultCode.SQLITE_FULL, 40, 0), (.SQLITE_BUSY, 40, 0), (.SQLITE_IOERR, 23, 1), (.SQLITE_INTERRUPT, 23, 1),
        (.SQLITE_ERROR, 3, 1), (.SQLITE_CORRUPT, 3, 1), (.SQLITE_NOMEM, 3, 1),
    ])
    func `A failing database is not the fault of an item`(code: ResultCode, attempts: Int, failed: Int) async throws {
        let time = ManualTimeSource()
        let database = try DatabaseQueue()
        let (queue, repository) = try await Self.queue(
            in: database, RepositorySuite.fields, BulkQueueSettings(), time)
        let operation = BulkOperation(
            OperationID(at: time.now), OperationRequest(.create, of: "places"), createdAt: time.now)
        try await queue.open(operation, idempotencyKey: nil)
        let items = ByteBuffer(string: #"[{"name": "a", "country": "AA"}]"#)
        try await queue.append(OperationChunk(number: 0, firstIndex: 0, itemCount: 1, bytes: items), to: operation.id)
        _ = try await queue.submit(operation.request, as: operation.id, fingerprint: nil)
        for _ in 0..<attempts {
            time.advance(by: .seconds(60))
            let lease = try #require(try await queue.lease(by: "w", of: ["places"]))
            if lease.isHopeless {
                _ = try await queue.carryOut(lease, on: repository) { ChunkWork(hopeless: $0, of: operation.request) }
                try await queue.acknowledge(lease)
            } else {
                try await queue.retry(lease, after: DatabaseError(resultCode: code))
            }
        }
        let ended = try #require(try await queue.operation(operation.id))
        #expect(ended.counts.failed == failed)
        #expect(ended.state.isFinal == (failed > 0))
    }

    @Test func `A killed upload keeps its key for a minute`() async throws {
        let time = ManualTimeSource()
        let queue = try SQLiteBulkQueue(in: try DatabaseQueue(), clock: time)
        func open() async throws -> BulkOperation {
            let operation = BulkOperation(
                OperationID(at: time.now), OperationRequest(.create, of: "places", for: "ann"), createdAt: time.now)
            try await queue.open(operation, idempotencyKey: "k")
            return operation
        }
        let slow = try await open()
        time.advance(by: .seconds(59))
        await #expect(throws: QueueRefusal.uploading) { try await open() }
        let chunk = OperationChunk(number: 0, firstIndex: 0, itemCount: 1, bytes: ByteBuffer(string: "[1]"))
        try await queue.append(chunk, to: slow.id)
        time.advance(by: .seconds(59))
        await #expect(throws: QueueRefusal.uploading) { try await open() }
        time.advance(by: .seconds(1))
        let second = try await open()
        try await queue.append(chunk, to: second.id)
        // Whichever ends first is the only one.
        _ = try await queue.submit(second.request, as: second.id, fingerprint: "f")
        #expect(try await queue.submit(slow.request, as: slow.id, fingerprint: "f").id == second.id)
        #expect(try await queue.operation(slow.id) == nil)
        #expect(try await queue.depth() == 1)
    }

    @Test func `Behaves as every queue does`() async throws {
        try await BulkQueueSuite { fields, settings, time in
            let database = try DatabaseQueue()
            return try await Self.queue(in: database, fields, settings, time)
        }.run()
    }

    @Test func `Behaves as every queue does in a file`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("queue-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await BulkQueueSuite { fields, settings, time in
            let path = folder.appendingPathComponent("\(UUID().uuidString).sqlite").path
            return try await Self.queue(in: try DatabasePool(path: path), fields, settings, time)
        }.run()
    }

    private static func queue(
        in database: any DatabaseWriter, _ fields: FieldSet, _ settings: BulkQueueSettings, _ time: any TimeSource
    ) async throws -> (any BulkQueue, any Repository) {
        try await database.write { db in
            for statement in RepositorySuite.schema { try db.execute(sql: statement) }
        }
        let queue = try SQLiteBulkQueue(in: database, settings: settings, clock: time)
        return (queue, SQLiteRepository(fields, in: database))
    }
}
#endif
