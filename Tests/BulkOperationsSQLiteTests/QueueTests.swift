#if GRDB
import BulkOperations
import BulkOperationsSQLite
import Foundation
import GRDB
import HTTPPipeline
import PipelineTesting
import Repositories
import RepositoriesSQLite
import Testing

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
