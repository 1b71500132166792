extension JSONScanner {
    /// Reads a literal or number, and reports anything else.
    mutating func readWordValue() -> JSONNode.Value {
        let start = position
        let isQuoted = next == UInt8(ascii: "'")
        let word = readWord()
        if isQuoted {
            report("strings have double quotes, not single ones", at: start)
            return .invalid
        }
        switch word {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "null": return .null
        default: break
        }
        if Self.isNumber(word) { return .number(word) }
        let shown = Self.shown(word)
        if let first = word.utf8.first, Self.isDigit(first) || "+-.".utf8.contains(first) {
            report("\(shown) is not a JSON number", at: start)
        } else {
            report("unexpected \(shown); expected a value", at: start)
        }
        return .invalid
    }

    /// Consumes and returns one word, one text in single quotes, or else one byte.
    mutating func readWord() -> String {
        let start = index
        if next == UInt8(ascii: "'") {
            advance()
            let content = index
            advance { $0 != UInt8(ascii: "'") && $0 != UInt8(ascii: "\n") }
            let word = String(decoding: bytes[content..<index], as: UTF8.self)
            if next == UInt8(ascii: "'") { advance() }
            return word
        }
        advance(while: Self.isWordByte)
        if index == start { advance() }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    /// Returns whether a text is a number according to RFC 8259 section 6.
    static func isNumber(_ text: String) -> Bool {
        var rest = text.utf8[...]
        func skipDigits() -> Int {
            let digits = rest.prefix(while: isDigit)
            rest = rest[digits.endIndex...]
            return digits.count
        }
        if rest.first == UInt8(ascii: "-") { rest.removeFirst() }
        let hasLeadingZero = rest.first == UInt8(ascii: "0")
        let integerDigits = skipDigits()
        guard integerDigits > 0, integerDigits == 1 || !hasLeadingZero else { return false }
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            guard skipDigits() > 0 else { return false }
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest.removeFirst()
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest.removeFirst() }
            guard skipDigits() > 0 else { return false }
        }
        return rest.isEmpty
    }

    /// Returns a quoted text for a message: short, and in ASCII, so that invisible characters are visible.
    ///
    /// A long word is not shown, because it may be a secret without quotes.
    private static func shown(_ text: String) -> String {
        guard text.utf8.count <= 8 else { return "text without quotes" }
        let scalars = text.unicodeScalars.prefix(40)
        return "\"" + scalars.map { $0.escaped(asASCII: true) }.joined()
            + (scalars.endIndex == text.unicodeScalars.endIndex ? "\"" : "...\"")
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x80...: true
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        default: isDigit(byte)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
}
