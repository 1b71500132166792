#if GRDB
package import GRDB
import Repositories

/// The transaction of a write of an ``SQLiteRepository``.
package struct SQLiteTransaction: RepositoryTransaction {
    /// The connection.
    package let connection: Database
    /// The database of the connection.
    package let database: any DatabaseWriter
}
#endif
