extension KeyWriter {
    /// Writes a text as the inside of a JSON string, escaped as Python's `json.dumps` does (`ensure_ascii`): the short
    /// escapes, and `\u` with four lower-case digits for every other code unit outside U+0020..U+007E.
    mutating func appendEscaped(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            let bytes = UnsafeRawBufferPointer(utf8)
            let plain = Self.plainPrefix(of: bytes)
            if plain == bytes.count {
                append(bytes)
            } else {
                append(UnsafeRawBufferPointer(rebasing: bytes[..<plain]))
                appendSlowly(UnsafeBufferPointer(rebasing: utf8[plain...]))
            }
        }
    }

    /// How many bytes from the start stand for themselves. Eight at a time: a byte below 0x20, a quote, a backslash, DEL
    /// and everything above is found by arithmetic on the whole word.
    private static func plainPrefix(of bytes: UnsafeRawBufferPointer) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var offset = 0
        while offset &+ 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            // Each term sets the high bit of a byte that needs an escape; a borrow can only flag a byte after one
            // that is flagged already, and the bytes are then looked at one by one.
            let special =
                (word &- ones &* 0x20) | (quote &- ones) | (backslash &- ones) | word | (word &+ ones)
            if special & highs != 0 { break }
            offset &+= 8
        }
        while offset < bytes.count, isPlain(bytes[offset]) { offset &+= 1 }
        return offset
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7F && byte != 0x22 && byte != 0x5C
    }

    private mutating func appendSlowly(_ utf8: UnsafeBufferPointer<UInt8>) {
        var decoder = UTF8()
        var iterator = utf8.makeIterator()
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            switch scalar {
            case "\"": append("\\\"")
            case "\\": append("\\\\")
            case "\n": append("\\n")
            case "\r": append("\\r")
            case "\t": append("\\t")
            case "\u{8}": append("\\b")
            case "\u{C}": append("\\f")
            case " "..."~": append(UInt8(truncatingIfNeeded: scalar.value))
            default:
                for unit in UTF16.encode(scalar)! { appendEscape(unit) }
            }
        }
    }

    private mutating func appendEscape(_ unit: UInt16) {
        append("\\u")
        for shift: UInt16 in [12, 8, 4, 0] {
            let digit = UInt8(truncatingIfNeeded: unit &>> shift) & 15
            append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}
