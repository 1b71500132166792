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
        let length = Self.sequenceLength(bytes[index...].prefix(4))
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

    /// Returns the length of the UTF-8 sequence at the start of `bytes`, or nil if it is malformed (RFC 3629 section
    /// 4).
    private static func sequenceLength(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard let first = bytes.first else { return nil }
        let length: Int
        let second: ClosedRange<UInt8>
        switch first {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return nil
        }
        let rest = bytes.dropFirst().prefix(length - 1)
        guard rest.count == length - 1, second.contains(rest.first!), rest.allSatisfy({ $0 & 0xC0 == 0x80 }) else {
            return nil
        }
        return length
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
        guard let unit = hexadecimalUnit(at: index) else {
            report("invalid escape sequence; \"\\u\" takes four hexadecimal digits", at: start)
            token.isValid = false
            return
        }
        for _ in 0..<4 { advance() }
        var scalar = Unicode.Scalar(UInt32(unit))
        if scalar == nil, unit < 0xDC00, bytes[index...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]),
            let low = hexadecimalUnit(at: index + 2), 0xDC00...0xDFFF ~= low
        {
            scalar = Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00))
            for _ in 0..<6 { advance() }
        }
        if scalar == nil, token.unpairedSurrogate == nil { token.unpairedSurrogate = start }
        output += Array(String(Character(scalar ?? "\u{FFFD}")).utf8)
    }

    /// Returns the number in four hexadecimal digits at an index, or nil if there are no such digits.
    private func hexadecimalUnit(at index: Int) -> UInt16? {
        let digits = bytes.dropFirst(index).prefix(4)
        guard digits.count == 4 else { return nil }
        var unit: UInt16 = 0
        for byte in digits {
            guard let digit = byte.hexadecimalValue else { return nil }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }
}
