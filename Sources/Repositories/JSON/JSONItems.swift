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

    /// Returns the names and the positions of the members of an object in the readable bytes of a body, or nil for another value.
    ///
    /// - Throws: ``JSONSyntaxError`` for anything that is not JSON.
    /// - Complexity: O(length of the body).
    package static func members(of body: ByteBuffer) throws(JSONSyntaxError) -> [(name: String, range: Range<Int>)]? {
        let result: Result<[(name: String, range: Range<Int>)]?, JSONSyntaxError> = body.withUnsafeReadableBytes {
            bytes in
            var members: [(name: String, range: Range<Int>)] = []
            var cursor = JSONCursor(bytes)
            do throws(JSONSyntaxError) {
                cursor.skipBlanks()
                guard cursor.next == UInt8(ascii: "{") else { return .success(nil) }
                try cursor.readMembers(depth: 0) { cursor throws(JSONSyntaxError) in
                    let name = try cursor.readText()
                    try cursor.expectColon()
                    let start = cursor.index
                    try cursor.skipValue(depth: 1)
                    members.append((name, start..<cursor.index))
                }
                try cursor.expectEnd()
                return .success(members)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
