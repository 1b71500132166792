#if PostgreSQL
public import NIOCore

/// A parameter of a statement.
///
/// Numbers, booleans, bytes and arrays are sent in PostgreSQL's binary format with their type. Text is sent without a type, so the server
/// gives it the type that the statement needs: `text`, `uuid`, `json`, `timestamptz` and others.
public enum PostgreSQLValue: Sendable, Hashable {
    /// NULL, of the type that the statement needs.
    case null
    /// A `bool`.
    case boolean(Bool)
    /// An `int8`, which PostgreSQL compares with and assigns to `int2` and `int4` as well.
    case integer(Int64)
    /// A `float8`.
    case number(Double)
    /// Text in the text form of the type that the statement needs.
    case text(String)
    /// A `bytea`.
    case bytes(ByteBuffer)
    /// A `bool[]`, whose elements may be NULL.
    case booleans([Bool?])
    /// An `int8[]`, whose elements may be NULL.
    case integers([Int64?])
    /// A `float8[]`, whose elements may be NULL.
    case numbers([Double?])
    /// A `text[]`, whose elements may be NULL.
    case texts([String?])
}
#endif
