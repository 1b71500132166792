#if GRDB
import GRDB

/// The migrations that create the tables of this module.
///
/// The names have a prefix of their own, so that they do not clash with the migrations of the application in the same
/// database. A migration that has been released never changes.
enum SQLiteBulkMigrations {
    /// What the names of all migrations start with.
    static let prefix = "bulk-operations-"

    /// Creates tables that do not exist yet. A store calls it with its own migrations.
    ///
    /// - Parameters:
    ///   - migrations: The names without the prefix, and the statements.
    ///   - database: The database.
    /// - Throws: GRDB's errors.
    static func apply(_ migrations: [(name: String, sql: String)], to database: any DatabaseWriter) throws {
        var migrator = DatabaseMigrator()
        for (name, sql) in migrations {
            migrator.registerMigration(prefix + name) { db in try db.execute(sql: sql) }
        }
        try migrator.migrate(database)
    }
}
#endif
