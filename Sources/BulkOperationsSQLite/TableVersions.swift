#if GRDB
import BulkOperations
import GRDB

/// The versions of the tables of this module, in the table `bulk_versions`.
///
/// Migrations of the application in the same database do not know them.
enum TableVersions {
    /// Creates the tables of a component that do not exist yet. Two processes can start at once: the transaction locks the database.
    ///
    /// - Parameters:
    ///   - component: The name of the component.
    ///   - versions: The statements of each version. Those of a released version never change.
    ///   - database: The database.
    /// - Throws: `UnknownTableVersion` for tables of a later version of the library, and GRDB's errors.
    static func migrate(_ component: String, _ versions: [String], in database: any DatabaseWriter) throws {
        try database.write { db in
            try db.execute(
                sql: "CREATE TABLE IF NOT EXISTS bulk_versions (component TEXT PRIMARY KEY, version INTEGER NOT NULL)")
            let sql = "SELECT version FROM bulk_versions WHERE component = ?"
            let current = try Int.fetchOne(db, sql: sql, arguments: [component]) ?? 0
            guard current <= versions.count else {
                throw UnknownTableVersion(component: component, found: current, known: versions.count)
            }
            for statements in versions[current...] { try db.execute(sql: statements) }
            try db.execute(
                sql: "INSERT OR REPLACE INTO bulk_versions VALUES (?, ?)", arguments: [component, versions.count])
        }
    }
}
#endif
