/// One member of a header field whose members carry weights, as Accept and Accept-Language do (RFC 9110 section 12.4.2).
struct WeightedValue: Sendable, Hashable {
    /// The member without its parameters, in lower case, for example `application/json` or `en-gb`.
    var value: String
    /// The parameters other than the weight, in lower case, for example `version=2`.
    var parameters: [String]
    /// The weight in thousandths, 0 to 1000.
    var weight: Int

    /// The members of a field's value in their order. A member with a malformed weight is left out.
    static func list(in field: String) -> [WeightedValue] {
        splitOutsideQuotes(field, at: UInt8(ascii: ",")).compactMap { member in
            var parts = splitOutsideQuotes(member, at: UInt8(ascii: ";")).map(trimmed)[...]
            guard let value = parts.popFirst(), !value.isEmpty else { return nil }
            var weighted = WeightedValue(value: value.lowercased(), parameters: [], weight: 1000)
            for part in parts where !part.isEmpty {
                let lower = part.lowercased()
                guard lower.utf8.starts(with: "q=".utf8) else {
                    weighted.parameters.append(lower)
                    continue
                }
                guard let weight = thousandths(lower.utf8.dropFirst(2)) else { return nil }
                weighted.weight = weight
                break
            }
            return weighted
        }
    }

    /// The `qvalue` of RFC 9110: `0`, `1`, and up to three decimal digits.
    private static func thousandths(_ digits: Substring.UTF8View) -> Int? {
        guard let first = digits.first, first == UInt8(ascii: "0") || first == UInt8(ascii: "1") else { return nil }
        var value = Int(first - UInt8(ascii: "0")) * 1000
        let rest = digits.dropFirst()
        guard let dot = rest.first else { return value }
        guard dot == UInt8(ascii: "."), rest.count <= 4 else { return nil }
        var scale = 100
        for digit in rest.dropFirst() {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value += Int(digit - UInt8(ascii: "0")) * scale
            scale /= 10
        }
        return value <= 1000 ? value : nil
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        guard let start = text.utf8.firstIndex(where: { !isSpace($0) }) else { return "" }
        let end = text.utf8.lastIndex { !isSpace($0) } ?? start
        return text[start...end]
    }

    private static func splitOutsideQuotes(_ text: some StringProtocol, at separator: UInt8) -> [Substring] {
        let text = Substring(text)
        var parts: [Substring] = []
        var start = text.startIndex
        var quoted = false
        var escaped = false
        for index in text.utf8.indices {
            let byte = text.utf8[index]
            if escaped {
                escaped = false
            } else if quoted, byte == UInt8(ascii: "\\") {
                escaped = true
            } else if byte == UInt8(ascii: "\"") {
                quoted.toggle()
            } else if byte == separator, !quoted {
                parts.append(text[start..<index])
                start = text.utf8.index(after: index)
            }
        }
        parts.append(text[start...])
        return parts
    }
}
