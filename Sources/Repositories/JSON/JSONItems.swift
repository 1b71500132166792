package import NIOCore

/// The items of a JSON array as bytes.
package enum JSONItems {
    /// Returns the positions of the items of an array in the readable bytes of a body.
    ///
    /// - Throws: ``JSONSyntaxError`` for anything that is not an array.
    /// - Complexity: O(length of the body).
    package static func ranges(of body: ByteBuffer) throws(JSONSyntaxError) -> [Range<Int>] {
        let result: Result<[Range<Int>], JSONSyntaxError> = body.withUnsafeReadableBytes { bytes in
            var ranges: [Range<Int>] = []
            var cursor = JSONCursor(bytes)
            do throws(JSONSyntaxError) {
                cursor.skipBlanks()
                guard cursor.next == UInt8(ascii: "[") else {
                    throw JSONSyntaxError("Expected a list", at: cursor.index)
                }
                try cursor.readItems(depth: 0) { cursor throws(JSONSyntaxError) in
                    let start = cursor.index
                    try cursor.skipValue(depth: 1)
                    ranges.append(start..<cursor.index)
                }
                try cursor.expectEnd()
                return .success(ranges)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
