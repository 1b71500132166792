import HTTPSemantics

extension JSONCursor {
    /// Consumes a string; the next byte is its opening quote.
    mutating func skipString() throws(JSONSyntaxError) {
        _ = try readString { _ in }
    }

    /// Consumes a string and returns its text, with U+FFFD in place of unpaired surrogates.
    mutating func readText() throws(JSONSyntaxError) -> String {
        var text: [UInt8] = []
        _ = try readString { text.append(contentsOf: $0) }
        return String(decoding: text, as: UTF8.self)
    }

    /// A consumed string.
    struct StringToken {
        /// The number of Unicode scalars.
        var scalarCount = 0
        /// The number of bytes of UTF-8.
        var byteCount = 0
        /// Whether the string has the character U+0000.
        var hasNull = false
        /// Whether the string has half of a surrogate pair, which the grammar allows but UTF-8 does not have.
        var hasUnpairedSurrogate = false
    }

    /// Consumes a string; the next byte is its opening quote.
    ///
    /// - Parameter body: Is called with each part of the text, in order.
    /// - Returns: What is known about the text.
    /// - Throws: ``JSONSyntaxError``, also for invalid UTF-8.
    mutating func readString(_ body: (UnsafeRawBufferPointer) -> Void) throws(JSONSyntaxError) -> StringToken {
        let opening = index
        var token = StringToken()
        index &+= 1
        var start = index
        while true {
            guard let byte = next else { throw error("Unterminated string", at: opening) }
            switch byte {
            case UInt8(ascii: "\""):
                emit(start..<index, &token, body)
                index &+= 1
                return token
            case UInt8(ascii: "\\"):
                emit(start..<index, &token, body)
                let scalar = try readEscape(&token)
                token.scalarCount &+= 1
                if scalar.value == 0 { token.hasNull = true }
                withUnsafeTemporaryAllocation(byteCount: 4, alignment: 1) { room in
                    var length = 0
                    for byte in UTF8.encode(scalar)! {
                        room[length] = byte
                        length &+= 1
                    }
                    token.byteCount &+= length
                    body(UnsafeRawBufferPointer(rebasing: room[..<length]))
                }
                start = index
            case ..<0x20: throw error("Invalid control character")
            case ..<0x80:
                token.scalarCount &+= 1
                index &+= 1
            default:
                guard let length = bytes.sequenceLength(at: index) else { throw error("Invalid UTF-8") }
                token.scalarCount &+= 1
                index &+= length
            }
        }
    }

    private func emit(_ range: Range<Int>, _ token: inout StringToken, _ body: (UnsafeRawBufferPointer) -> Void) {
        guard !range.isEmpty else { return }
        token.byteCount &+= range.count
        body(UnsafeRawBufferPointer(rebasing: bytes[range]))
    }

    /// Consumes an escape sequence; the next byte is its backslash.
    private mutating func readEscape(_ token: inout StringToken) throws(JSONSyntaxError) -> Unicode.Scalar {
        let start = index
        index &+= 1
        guard let byte = next else { throw error("Unterminated string") }
        index &+= 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw error("Invalid \\escape", at: start)
        }
        guard let escaped = bytes.escapedScalar(at: index) else { throw error("Invalid \\uXXXX escape", at: start) }
        index += escaped.length
        if escaped.scalar == nil { token.hasUnpairedSurrogate = true }
        return escaped.scalar ?? "\u{FFFD}"
    }
}
