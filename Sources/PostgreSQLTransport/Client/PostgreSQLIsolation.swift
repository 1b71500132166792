#if PostgreSQL
/// The isolation level of a transaction.
public enum PostgreSQLIsolation: String, Sendable, Hashable, CaseIterable {
    /// Each statement reads what was committed before it began. PostgreSQL's default.
    case readCommitted = "READ COMMITTED"
    /// All statements read what was committed before the first one began. A write to a row that another transaction has changed fails with
    /// a serialization failure (40001).
    case repeatableRead = "REPEATABLE READ"
    /// Transactions behave as if they ran one after another. Any statement, and the commit, can fail with a serialization failure (40001).
    case serializable = "SERIALIZABLE"
}
#endif
