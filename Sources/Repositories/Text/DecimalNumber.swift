/// Reads finite numbers from their decimal text.
enum DecimalNumber {
    /// The maximum number of bytes of a number. More digits than that do not change a `Double`.
    private static let maximumByteCount = 1000

    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    /// Returns the number that is nearest to a decimal text: digits after an optional minus, with an optional fraction and exponent.
    ///
    /// - Parameters:
    ///   - bytes: The text.
    ///   - separator: The byte between the integer and its fraction.
    /// - Returns: The number, or nil for other texts and for numbers that no `Double` has.
    /// - Complexity: O(length of the text), which is at most 1000 bytes.
    static func value(
        of bytes: UnsafeRawBufferPointer, separator: UInt8 = UInt8(ascii: ".")
    ) -> Double? {
        guard bytes.count <= maximumByteCount else { return nil }
        var index = bytes.first == UInt8(ascii: "-") ? 1 : 0
        let isNegative = index == 1
        var mantissa: UInt64 = 0
        // At most 19 digits are exact.
        var digitCount = readDigits(bytes, &index, &mantissa)
        guard digitCount > 0 else { return nil }
        var exponent = 0
        if index < bytes.count, bytes[index] == separator {
            index += 1
            let count = readDigits(bytes, &index, &mantissa)
            guard count > 0 else { return nil }
            digitCount += count
            exponent = -count
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            guard index < bytes.count else { return nil }
            let isDivided = bytes[index] == UInt8(ascii: "-")
            if isDivided || bytes[index] == UInt8(ascii: "+") { index += 1 }
            var magnitude: UInt64 = 0
            let count = readDigits(bytes, &index, &magnitude)
            guard count > 0 else { return nil }
            exponent += (isDivided ? -1 : 1) * (count > 6 ? 1_000_000 : Int(magnitude))
        }
        guard index == bytes.count else { return nil }
        // Both operands are exact, so the result is rounded once.
        if digitCount <= 19, mantissa <= 1 << 53, abs(exponent) < powersOfTen.count {
            let power = powersOfTen[abs(exponent)]
            let value = exponent < 0 ? Double(mantissa) / power : Double(mantissa) * power
            return isNegative ? -value : value
        }
        let text = String(decoding: bytes.lazy.map { $0 == separator ? UInt8(ascii: ".") : $0 }, as: UTF8.self)
        return Double(text).flatMap { $0.isFinite ? $0 : nil }
    }

    private static func readDigits(_ bytes: UnsafeRawBufferPointer, _ index: inout Int, _ value: inout UInt64) -> Int {
        let start = index
        while index < bytes.count {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            value = value &* 10 &+ UInt64(digit)
            index &+= 1
        }
        return index - start
    }
}
