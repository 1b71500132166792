package import NIOCore
package import Repositories

/// Some consecutive items of a JSON document.
package struct JSONPiece: Sendable, Hashable {
    /// A JSON array of the items as they were sent.
    package let bytes: ByteBuffer
    /// The index of the first item in the document.
    package let firstIndex: Int
    /// The physical line on which the first item begins, counted from 1.
    package let firstLine: Int
    /// The number of items.
    package let itemCount: Int
}

/// Splits a JSON document into arrays of a few items, as its bytes arrive.
///
/// It holds the bytes of one piece and of one item at most. It finds the ends of items only: ``RowJSONReader/readArray(_:)``
/// checks the items of a piece.
package struct JSONItemSplitter: Sendable {
    /// What a document is.
    package enum Form: Sendable {
        /// An array of items, or one object, which is the only item.
        case array
        /// JSON Lines: one item on each line. Empty lines are skipped.
        case lines
    }

    private var scanner: JSONItemScanner
    private let pieceItemCount: Int
    private let pieceByteCount: Int
    private let maximumItemByteCount: Int

    /// The items of the current piece after its opening bracket.
    private var piece = ByteBuffer()
    private var pieceLine = 0
    private var itemCount = 0
    private var firstIndex = 0
    /// The bytes of an item from earlier calls.
    private var beginning = ByteBuffer()
    private var isInItem = false
    private var itemLine = 0
    private var itemOffset = 0
    private var error: JSONSyntaxError?

    /// Creates a splitter of one document.
    ///
    /// - Parameters:
    ///   - form: What the document is.
    ///   - pieceItemCount: The maximum number of items in a piece.
    ///   - pieceByteCount: The maximum number of bytes in a piece. A larger item is a piece by itself.
    ///   - maximumItemByteCount: The maximum number of bytes of an item.
    package init(_ form: Form, pieceItemCount: Int, pieceByteCount: Int, maximumItemByteCount: Int) {
        scanner = JSONItemScanner(isLines: form == .lines)
        self.pieceItemCount = pieceItemCount
        self.pieceByteCount = pieceByteCount
        self.maximumItemByteCount = maximumItemByteCount
    }

    /// Reads the next bytes of the document.
    ///
    /// - Parameter bytes: The bytes. The index of their reader does not move.
    /// - Returns: The pieces that are complete. They do not depend on how the document is divided among calls.
    /// - Throws: ``JSONSyntaxError`` with the line, also in every later call.
    /// - Complexity: O(number of bytes).
    package mutating func read(_ bytes: ByteBuffer) throws(JSONSyntaxError) -> [JSONPiece] {
        if let error { throw error }
        var pieces: [JSONPiece] = []
        error = bytes.withUnsafeReadableBytes { window in
            do throws(JSONSyntaxError) {
                try read(window, &pieces)
                return nil
            } catch {
                return error
            }
        }
        if let error { throw error }
        return pieces
    }

    /// Ends the document.
    ///
    /// - Returns: The remaining pieces: at most two.
    /// - Throws: ``JSONSyntaxError`` for a document that is not complete, and like ``read(_:)``.
    package mutating func finish() throws(JSONSyntaxError) -> [JSONPiece] {
        if let error { throw error }
        var pieces: [JSONPiece] = []
        do throws(JSONSyntaxError) {
            if try scanner.finish() == .end { add(UnsafeRawBufferPointer(start: nil, count: 0), &pieces) }
        } catch {
            self.error = error
            throw error
        }
        endPiece(&pieces)
        return pieces
    }

    private mutating func read(
        _ window: UnsafeRawBufferPointer, _ pieces: inout [JSONPiece]
    ) throws(JSONSyntaxError) {
        var (index, start) = (0, 0)
        while let boundary = try scanner.scan(window, from: &index) {
            switch boundary {
            case .start:
                start = index
                isInItem = true
                itemLine = scanner.line
                itemOffset = scanner.offset + index
            case .end:
                try checkLength(index - start)
                add(UnsafeRawBufferPointer(rebasing: window[start..<index]), &pieces)
                isInItem = false
            }
        }
        guard isInItem else { return }
        try checkLength(window.count - start)
        beginning.writeBytes(window[start...])
    }

    /// Checks the length of the current item, with bytes that are in the window.
    private func checkLength(_ count: Int) throws(JSONSyntaxError) {
        guard beginning.readableBytes + count > maximumItemByteCount else { return }
        throw JSONSyntaxError(
            "The item has more than \(maximumItemByteCount) bytes", at: itemOffset, line: itemLine, isTooLarge: true)
    }

    /// Adds the current item to the piece, whose last bytes are `end`.
    private mutating func add(_ end: UnsafeRawBufferPointer, _ pieces: inout [JSONPiece]) {
        let count = beginning.readableBytes + end.count
        // With a comma or the opening bracket before the item, and the closing one.
        if itemCount > 0, piece.readableBytes + count + 2 > pieceByteCount { endPiece(&pieces) }
        if itemCount == 0 {
            pieceLine = itemLine
            piece.writeStaticString("[")
        } else {
            piece.writeStaticString(",")
        }
        piece.writeBuffer(&beginning)
        piece.writeBytes(end)
        beginning = ByteBuffer()
        itemCount += 1
        if itemCount >= pieceItemCount || piece.readableBytes >= pieceByteCount { endPiece(&pieces) }
    }

    private mutating func endPiece(_ pieces: inout [JSONPiece]) {
        guard itemCount > 0 else { return }
        piece.writeStaticString("]")
        pieces.append(JSONPiece(bytes: piece, firstIndex: firstIndex, firstLine: pieceLine, itemCount: itemCount))
        piece = ByteBuffer()
        firstIndex += itemCount
        itemCount = 0
    }
}
