#if GRDB
import Testing

@testable import BulkOperationsSQLite

@Suite struct SQLiteBulkMigrationTests {
    @Test func `Migrations have a prefix of their own`() {
        #expect(SQLiteBulkMigrations.prefix == "bulk-operations-")
    }
}
#endif
