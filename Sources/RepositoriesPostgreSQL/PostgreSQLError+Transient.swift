#if PostgreSQL
public import PostgreSQLTransport
public import Repositories

/// Says which errors are over soon, see `isTransient`.
extension PostgreSQLError: TransientError {}
#endif
