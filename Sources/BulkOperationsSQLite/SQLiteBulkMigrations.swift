#if GRDB
import GRDB

/// The migrations that create the tables of this module.
///
/// The names have a prefix of their own, so that they do not clash with the migrations of the application in the same
/// database. A migration that has been released never changes.
enum SQLiteBulkMigrations {
    /// What the names of all migrations start with.
    static let prefix = "bulk-operations-"
}
#endif
