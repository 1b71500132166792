#if PostgreSQL
import BulkOperations
import NIOCore
import PostgreSQLTransport

/// A part of a chunk in a result.
enum StoredPart {
    /// The number of columns.
    static let columnCount = 7

    /// The columns of the tables `part` and `chunk` from which a part is read.
    static func columns(bytes: Bool) -> String {
        """
        part.chunk, part.item_offset, part.item_count, chunk.first_index, chunk.first_line, chunk.item_count,
        \(bytes ? "chunk.bytes" : "NULL::bytea")
        """
    }

    /// Selects parts with the items of their chunks.
    static let selecting = """
        SELECT \(columns(bytes: true)) FROM bulk_parts AS part JOIN bulk_chunks AS chunk
        ON chunk.operation = part.operation AND chunk.number = part.chunk
        """

    /// Reads a part from a row that begins with the columns.
    static func read(_ result: PostgreSQLResult, _ row: Int) -> ChunkPart {
        func integer(_ column: Int) -> Int { Int(result.integer(row, column) ?? 0) }
        let chunk = OperationChunk(
            number: integer(0), firstIndex: integer(3), firstLine: integer(4), itemCount: integer(5),
            bytes: result.bytes(row, 6) ?? ByteBuffer())
        return ChunkPart(chunk, items: integer(1)..<integer(1) + integer(2))
    }
}
#endif
