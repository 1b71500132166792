public import NIOCore

/// Some items of an operation, as they were sent. The boundaries of chunks are stored with the operation and never change.
public struct OperationChunk: Sendable, Hashable {
    /// The position of the chunk, counted from 0.
    public var number: Int
    /// The index of the first item in the whole operation.
    public var firstIndex: Int
    /// The physical line of the first item, counted from 1.
    public var firstLine: Int
    /// The number of items.
    public var itemCount: Int
    /// The items: a JSON array, or lines of CSV without the header.
    public var bytes: ByteBuffer

    /// Creates a chunk.
    public init(number: Int, firstIndex: Int, firstLine: Int = 1, itemCount: Int, bytes: ByteBuffer) {
        (self.number, self.firstIndex, self.firstLine) = (number, firstIndex, firstLine)
        (self.itemCount, self.bytes) = (itemCount, bytes)
    }
}

/// A part of a chunk: whole chunks are carried out first, and parts of those that fail.
public struct ChunkPart: Sendable, Hashable {
    /// The chunk.
    public var chunk: OperationChunk
    /// The positions of the items in the chunk.
    public var items: Range<Int>

    /// Creates a part.
    public init(_ chunk: OperationChunk, items: Range<Int>) {
        (self.chunk, self.items) = (chunk, items)
    }
}
