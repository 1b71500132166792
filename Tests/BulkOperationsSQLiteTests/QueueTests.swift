#if GRDB
import BulkOperations
import BulkOperationsSQLite
import GRDB
import Testing

@Suite struct QueueTests {
    @Test func `Tables are created once`() throws {
        let database = try DatabaseQueue()
        for _ in 0..<2 { _ = try SQLiteBulkQueue(in: database) }
        let count = try database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM bulk_queue") }
        #expect(count == 1)
    }
}
#endif
