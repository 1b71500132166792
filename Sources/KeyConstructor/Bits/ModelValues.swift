public import HTTPPipeline

/// The rows of a resource's data, for ``ModelValuesKeyBit``.
///
/// A resource or the application puts them on the exchange before a key is made, under ``ListModelValues`` or
/// ``RetrieveModelValues``. The rows of a large collection are a stream, which is read when the key is made and of which no
/// more than a row is kept.
public struct ModelValues: Sendable {
    /// Rows as they arrive, each with the values of its columns.
    public typealias Rows = any AsyncSequence<[KeyValue], any Error> & Sendable

    let rows: @Sendable () async throws -> Rows

    /// Rows that are read when the key is made.
    ///
    /// - Parameter rows: Makes the stream of rows, anew for each evaluation.
    public init(_ rows: @escaping @Sendable () async throws -> Rows) {
        self.rows = rows
    }

    /// Rows that are there already.
    public init(_ rows: [[KeyValue]]) {
        self.rows = {
            AsyncThrowingStream { continuation in
                for row in rows { continuation.yield(row) }
                continuation.finish()
            }
        }
    }
}

/// The rows of a collection.
public enum ListModelValues: AttributeKey {
    /// Rows.
    public typealias Value = ModelValues
}

/// The row of one object; no row when there is none.
public enum RetrieveModelValues: AttributeKey {
    /// Rows.
    public typealias Value = ModelValues
}
