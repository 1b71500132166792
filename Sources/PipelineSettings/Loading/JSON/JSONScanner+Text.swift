import HTTPPipeline

extension JSONScanner {
    /// A string, as far as it is readable.
    struct StringToken {
        /// The text, with U+FFFD in place of invalid characters.
        var text = ""
        /// The first unpaired surrogate.
        var unpairedSurrogate: SettingsError.Position?
        /// Whether the text is the string as written.
        var isValid = true

        var value: JSONNode.Value {
            guard isValid else { return .invalid }
            return unpairedSurrogate.map { .unpairedSurrogate($0) } ?? .string(text)
        }
    }

    /// Reads a string; the next byte is its opening quote.
    mutating func readString() -> StringToken {
        let start = position
        var token = StringToken()
        var output: [UInt8] = []
        advance()
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                advance()
                token.text = String(decoding: output, as: UTF8.self)
                return token
            case UInt8(ascii: "\\"):
                readEscape(into: &output, &token)
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                // A missing quote is more likely than a string that continues on the next line.
                report("the string has no closing quote on its line", at: start)
                token.isValid = false
                token.text = String(decoding: output, as: UTF8.self)
                return token
            case ..<0x20:
                let escape = "\\u00" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16, uppercase: true)
                report("unescaped control character in a string; write \(escape)")
                token.isValid = false
                advance()
            case ..<0x80:
                output.append(byte)
                advance()
            default:
                readSequence(into: &output, &token)
            }
        }
        report("unexpected end of file; the string has no closing quote", at: start)
        token.isValid = false
        token.text = String(decoding: output, as: UTF8.self)
        return token
    }

    /// Reads a character of more than one byte, and reports the first invalid one of a string.
    private mutating func readSequence(into output: inout [UInt8], _ token: inout StringToken) {
        let length = bytes.sequenceLength(at: index)
        if length == nil, token.isValid {
            report("invalid UTF-8 in a string")
            token.isValid = false
        }
        for _ in 0..<(length ?? 1) {
            // After too many problems, no bytes are left.
            guard let byte = next else { return }
            output.append(byte)
            advance()
        }
    }

    /// Reads an escape sequence; the next byte is its backslash.
    private mutating func readEscape(into output: inout [UInt8], _ token: inout StringToken) {
        let start = position
        advance()
        switch next {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): output.append(bytes[index])
        case UInt8(ascii: "b"): output.append(0x08)
        case UInt8(ascii: "f"): output.append(0x0C)
        case UInt8(ascii: "n"): output.append(0x0A)
        case UInt8(ascii: "r"): output.append(0x0D)
        case UInt8(ascii: "t"): output.append(0x09)
        case UInt8(ascii: "u"):
            readUnicodeEscape(from: start, into: &output, &token)
            return
        case let byte? where 0x20..<0x80 ~= byte:
            report("invalid escape sequence \"\\\(Unicode.Scalar(byte))\"", at: start)
            token.isValid = false
        default:
            // The next character is read as itself; a control character is reported when it is read.
            if let byte = next, byte >= 0x80 { report("invalid escape sequence", at: start) }
            token.isValid = false
            return
        }
        advance()
    }

    /// Reads the rest of `\u1234`, or of two such sequences for a surrogate pair; the next byte is the `u`.
    private mutating func readUnicodeEscape(
        from start: SettingsError.Position,
        into output: inout [UInt8],
        _ token: inout StringToken
    ) {
        advance()
        guard let escaped = bytes.escapedScalar(at: index) else {
            report("invalid escape sequence; \"\\u\" takes four hexadecimal digits", at: start)
            token.isValid = false
            return
        }
        for _ in 0..<escaped.length { advance() }
        if escaped.scalar == nil, token.unpairedSurrogate == nil { token.unpairedSurrogate = start }
        output += Array(String(Character(escaped.scalar ?? "\u{FFFD}")).utf8)
    }
}
