/// Scans strict JSON (RFC 8259) in memory.
///
/// Each step consumes at least one byte, and none is read twice except by lookahead of a few bytes, so the time is linear
/// in the length of the text.
struct JSONCursor {
    /// The maximum number of nested arrays and objects.
    static let maximumDepth = 64

    let bytes: UnsafeRawBufferPointer
    var index = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The next byte, or nil at the end.
    @inline(__always)
    var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    func error(_ message: String, at offset: Int? = nil) -> JSONSyntaxError {
        JSONSyntaxError(message, at: offset ?? index)
    }

    @inline(__always)
    mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index &+= 1 }
    }

    /// Consumes a byte, or throws if the next one is another.
    mutating func expect(_ byte: UInt8) throws(JSONSyntaxError) {
        guard next == byte else {
            throw error(next == nil ? "Unexpected end" : "Expecting '\(Unicode.Scalar(byte))'")
        }
        index &+= 1
    }

    /// Consumes white space up to the end.
    mutating func expectEnd() throws(JSONSyntaxError) {
        skipBlanks()
        if next != nil { throw error("Extra data") }
    }

    /// Consumes a literal such as `true`.
    mutating func expectLiteral(_ text: StaticString) throws(JSONSyntaxError) {
        let literal = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard bytes.count - index >= literal.count,
            UnsafeRawBufferPointer(rebasing: bytes[index..<index + literal.count]).elementsEqual(literal)
        else { throw error("Expecting value") }
        index += literal.count
    }

    /// Returns whether a number can begin with a byte.
    static func beginsNumber(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "-") || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }

    /// Consumes a number and returns its bytes and whether it has neither a fraction nor an exponent.
    mutating func readNumber() throws(JSONSyntaxError) -> (bytes: UnsafeRawBufferPointer, isInteger: Bool) {
        let start = index
        var isInteger = true
        if next == UInt8(ascii: "-") { index &+= 1 }
        if next == UInt8(ascii: "0") {
            index &+= 1
        } else {
            try skipDigits()
        }
        if next == UInt8(ascii: ".") {
            isInteger = false
            index &+= 1
            try skipDigits()
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            isInteger = false
            index &+= 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { index &+= 1 }
            try skipDigits()
        }
        return (UnsafeRawBufferPointer(rebasing: bytes[start..<index]), isInteger)
    }

    private mutating func skipDigits() throws(JSONSyntaxError) {
        let start = index
        while let byte = next, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { index &+= 1 }
        if index == start { throw error("Expecting value") }
    }

    /// Consumes a value of any kind.
    ///
    /// - Parameter depth: The number of arrays and objects around it.
    /// - Throws: ``JSONSyntaxError``.
    mutating func skipValue(depth: Int) throws(JSONSyntaxError) {
        skipBlanks()
        switch next {
        case UInt8(ascii: "\""): try skipString()
        case UInt8(ascii: "{"):
            try readMembers(depth: depth) { cursor throws(JSONSyntaxError) in
                try cursor.skipString()
                try cursor.expectColon()
                try cursor.skipValue(depth: depth + 1)
            }
        case UInt8(ascii: "["):
            try readItems(depth: depth) { cursor throws(JSONSyntaxError) in try cursor.skipValue(depth: depth + 1) }
        case UInt8(ascii: "t"): try expectLiteral("true")
        case UInt8(ascii: "f"): try expectLiteral("false")
        case UInt8(ascii: "n"): try expectLiteral("null")
        case nil: throw error("Unexpected end")
        default: _ = try readNumber()
        }
    }

    mutating func expectColon() throws(JSONSyntaxError) {
        skipBlanks()
        try expect(UInt8(ascii: ":"))
        skipBlanks()
    }

    /// Consumes an object whose members `body` consumes; the next byte is its opening brace.
    mutating func readMembers(
        depth: Int, _ body: (inout JSONCursor) throws(JSONSyntaxError) -> Void
    ) throws(JSONSyntaxError) {
        try readElements(closing: UInt8(ascii: "}"), depth: depth) { cursor throws(JSONSyntaxError) in
            guard cursor.next == UInt8(ascii: "\"") else {
                throw cursor.error("Expecting property name enclosed in double quotes")
            }
            try body(&cursor)
        }
    }

    /// Consumes an array whose elements `body` consumes; the next byte is its opening bracket.
    mutating func readItems(
        depth: Int, _ body: (inout JSONCursor) throws(JSONSyntaxError) -> Void
    ) throws(JSONSyntaxError) {
        try readElements(closing: UInt8(ascii: "]"), depth: depth, body)
    }

    private mutating func readElements(
        closing: UInt8, depth: Int, _ body: (inout JSONCursor) throws(JSONSyntaxError) -> Void
    ) throws(JSONSyntaxError) {
        guard depth < Self.maximumDepth else {
            throw JSONSyntaxError(
                "The nesting is deeper than \(Self.maximumDepth) levels", at: index, isTooLarge: true)
        }
        index &+= 1
        skipBlanks()
        if next == closing {
            index &+= 1
            return
        }
        while true {
            skipBlanks()
            try body(&self)
            skipBlanks()
            switch next {
            case UInt8(ascii: ","): index &+= 1
            case closing:
                index &+= 1
                return
            case nil: throw error("Unexpected end")
            default: throw error("Expecting ',' delimiter")
            }
        }
    }
}
