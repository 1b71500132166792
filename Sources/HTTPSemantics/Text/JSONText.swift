// What two readers of JSON strings share: a strict one for data, and one for files that continues after errors.
extension Collection<UInt8> where Index == Int {
    /// Returns the length of the UTF-8 sequence of several bytes at an index, or nil if it is malformed (RFC 3629 section 4).
    @inlinable package func sequenceLength(at index: Int) -> Int? {
        let length: Int
        let second: ClosedRange<UInt8>
        switch self[index] {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return nil
        }
        guard endIndex - index >= length, second.contains(self[index + 1]) else { return nil }
        for offset in 2..<Swift.max(length, 2) where self[index + offset] & 0xC0 != 0x80 { return nil }
        return length
    }

    /// Returns the scalar of the escape sequence whose `\u` ends at an index, or of two such sequences for a surrogate pair (RFC
    /// 8259 section 7).
    ///
    /// - Parameter index: The index of the first digit.
    /// - Returns: The scalar, nil for half of a surrogate pair, and the number of bytes from the first digit; nil if there are no
    ///   four digits.
    @inlinable package func escapedScalar(at index: Int) -> (scalar: Unicode.Scalar?, length: Int)? {
        guard let unit = hexadecimalUnit(at: index) else { return nil }
        if let scalar = Unicode.Scalar(UInt32(unit)) { return (scalar, 4) }
        let rest = index + 4
        guard unit < 0xDC00, rest + 1 < endIndex, self[rest] == UInt8(ascii: "\\"), self[rest + 1] == UInt8(ascii: "u"),
            let low = hexadecimalUnit(at: rest + 2), 0xDC00...0xDFFF ~= low
        else { return (nil, 4) }
        return (Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00)), 10)
    }

    @inlinable package func hexadecimalUnit(at index: Int) -> UInt16? {
        guard endIndex - index >= 4 else { return nil }
        var unit: UInt16 = 0
        for offset in 0..<4 {
            guard let digit = self[index + offset].hexadecimalValue else { return nil }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }
}
