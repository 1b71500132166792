public import HTTPPipeline

/// The rows of a resource's data, for ``ModelValuesKeyBit``.
///
/// A resource or the application sets them on the exchange as ``ListModelValues`` or ``RetrieveModelValues`` before a key is
/// computed. The rows of a large collection are a stream, which is read row by row when the key is computed.
public struct ModelValues: Sendable {
    /// A sequence of rows. A row is an array of column values.
    public typealias Rows = any AsyncSequence<[KeyValue], any Error> & Sendable

    let rows: @Sendable () async throws -> Rows

    /// Creates rows that are read when the key is computed.
    ///
    /// - Parameter rows: Returns a new stream of rows for each evaluation.
    public init(_ rows: @escaping @Sendable () async throws -> Rows) {
        self.rows = rows
    }

    /// Creates rows from existing values.
    public init(_ rows: [[KeyValue]]) {
        self.rows = {
            AsyncThrowingStream { continuation in
                for row in rows { continuation.yield(row) }
                continuation.finish()
            }
        }
    }
}

/// The key of the rows of a collection.
public enum ListModelValues: AttributeKey {
    /// The rows of the collection.
    public typealias Value = ModelValues
}

/// The key of the row of one object, without rows if the object does not exist.
public enum RetrieveModelValues: AttributeKey {
    /// At most one row.
    public typealias Value = ModelValues
}
