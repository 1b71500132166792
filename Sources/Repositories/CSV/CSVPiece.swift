public import NIOCore

/// A part of a file of CSV that begins and ends between two rows.
public struct CSVPiece: Sendable, Hashable {
    /// The rows as they were sent, with their line breaks. Only the bytes of a row far above the limits are cut.
    public let bytes: ByteBuffer

    /// The index in the file of the first row. The header and empty lines are not counted.
    public let firstIndex: Int

    /// The physical line of the first byte, counted from 1. Empty lines may precede the first row.
    public let firstLine: Int

    /// The number of rows, at least one.
    public let rowCount: Int

    /// Creates a piece.
    public init(bytes: ByteBuffer, firstIndex: Int, firstLine: Int, rowCount: Int) {
        self.bytes = bytes
        self.firstIndex = firstIndex
        self.firstLine = firstLine
        self.rowCount = rowCount
    }
}
