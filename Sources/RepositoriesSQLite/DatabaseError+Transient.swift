#if GRDB
public import GRDB
public import Repositories

/// SQLite's errors are transient while other connections lock the database.
extension DatabaseError: TransientError {
    /// Whether another connection has locked the database.
    public var isTransient: Bool { [.SQLITE_BUSY, .SQLITE_LOCKED].contains(resultCode) }
}
#endif
