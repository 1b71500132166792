/// The dialect of SQL in which statements are written.
public enum SQLDialect: Sendable, Hashable, CaseIterable {
    /// SQLite 3.35 or later. Parameters are `?`. Text columns have the collation `BINARY`, which is the default.
    case sqlite
    /// PostgreSQL 12 or later. Parameters are `$1`, `$2` and so on.
    case postgreSQL
}
